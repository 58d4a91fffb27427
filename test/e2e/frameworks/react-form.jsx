import { useState } from 'react';
import { createRoot } from 'react-dom/client';

const EMPTY = {
  name: '',
  notes: '',
  guests: '',
  date: '',
  seating: '',
  extras: [],
  newsletter: true,
  size: 's',
};

/** All of its fields are controlled: what is in the state is what is shown. */
function Form() {
  const [state, setState] = useState(EMPTY);
  const [submitted, setSubmitted] = useState('');
  const note = ({ target: { name, value } }) => setState((before) => ({ ...before, [name]: value }));
  const toggle = ({ target: { value, checked } }) =>
    setState((before) => ({
      ...before,
      extras: checked ? [...before.extras, value] : before.extras.filter((extra) => extra !== value),
    }));
  const submit = (event) => {
    event.preventDefault();
    setSubmitted(JSON.stringify(state));
    event.nativeEvent.respondWith({ framework: 'react' });
  };
  const size = (value) => (
    <input type="radio" name="size" value={value} checked={state.size === value} onChange={note} />
  );
  const extra = (value) => (
    <input
      type="checkbox"
      name="extras"
      value={value}
      checked={state.extras.includes(value)}
      onChange={toggle}
    />
  );
  return (
    <form toolname="book" tooldescription="Books a table." toolautosubmit="" onSubmit={submit}>
      <input name="name" value={state.name} onChange={note} />
      <textarea name="notes" value={state.notes} onChange={note} />
      <input name="guests" type="number" value={state.guests} onChange={note} />
      <input name="date" type="date" value={state.date} onChange={note} />
      <select name="seating" value={state.seating} onChange={note}>
        <option value="">Anywhere</option>
        <option value="window">Window</option>
      </select>
      {extra('wifi')}
      {extra('parking')}
      <input
        type="checkbox"
        name="newsletter"
        checked={state.newsletter}
        onChange={({ target }) => setState((before) => ({ ...before, newsletter: target.checked }))}
      />
      {size('s')}
      {size('l')}
      <button>Book</button>
      <output id="state">{JSON.stringify(state)}</output>
      <output id="submitted">{submitted}</output>
    </form>
  );
}

createRoot(document.querySelector('#app')).render(<Form />);
