/** Letters and digits that an id is made of; 32 of them, so that a byte picks one without preference. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 24;

/** A random id of 24 letters and digits, 120 bits. `crypto.randomUUID` is missing on pages without https. */
export function createRandomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH));
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
