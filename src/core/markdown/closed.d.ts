/** A module as one function that needs nothing from outside itself and returns its exports; made by `rollup.config.mjs`. */
declare module 'closed:*' {
  const load: () => unknown;
  export default load;
}
