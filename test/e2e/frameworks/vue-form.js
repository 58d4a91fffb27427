import { createApp, reactive, ref } from 'vue/dist/vue.esm-bundler.js';

createApp({
  setup() {
    const state = reactive({
      name: '',
      notes: '',
      guests: '',
      date: '',
      seating: '',
      extras: [],
      newsletter: true,
      size: 's',
    });
    const submitted = ref('');
    const submit = (event) => {
      submitted.value = JSON.stringify(state);
      event.respondWith({ framework: 'vue' });
    };
    return { state, submitted, submit };
  },
  template: `
    <form toolname="book" tooldescription="Books a table." toolautosubmit @submit.prevent="submit">
      <input name="name" v-model="state.name" />
      <textarea name="notes" v-model.lazy="state.notes"></textarea>
      <input name="guests" type="number" v-model="state.guests" />
      <input name="date" type="date" v-model="state.date" />
      <select name="seating" v-model="state.seating">
        <option value="">Anywhere</option>
        <option value="window">Window</option>
      </select>
      <input type="checkbox" name="extras" value="wifi" v-model="state.extras" />
      <input type="checkbox" name="extras" value="parking" v-model="state.extras" />
      <input type="checkbox" name="newsletter" v-model="state.newsletter" />
      <input type="radio" name="size" value="s" v-model="state.size" />
      <input type="radio" name="size" value="l" v-model="state.size" />
      <button>Book</button>
      <output id="state">{{ JSON.stringify(state) }}</output>
      <output id="submitted">{{ submitted }}</output>
    </form>`,
}).mount('#app');
