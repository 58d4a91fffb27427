const LENGTH = 24;

/** A random id of 24 letters and digits, 120 bits. `crypto.randomUUID` is missing on pages without https. */
export function createRandomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH));
  return Array.from(bytes, (byte) => (byte % 32).toString(32)).join('');
}
