/**
 * Copies a text, from within a click on `button`. Where the page may not write to the clipboard (no secure context, a
 * permissions policy), it is copied from a text field as by hand. Returns whether it was.
 */
export async function copyText(text: string, button: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text, button);
  }
}

function copyByHand(text: string, button: HTMLElement): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.setAttribute('aria-hidden', 'true');
  field.style.position = 'fixed';
  field.style.opacity = '0';
  button.after(field);
  field.select();
  try {
    return document.execCommand('copy');
  } finally {
    field.remove();
    button.focus();
  }
}
