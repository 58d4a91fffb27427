import { mount } from 'svelte';
import Form from './svelte-form.svelte';

mount(Form, { target: document.querySelector('#app') });
