/**
 * What stands in place of an item that is not here: as high as the item is taken for. `retry`: it could not be loaded.
 */
export function createPlaceholder(height: number, retry?: { label: string; load: () => void }): HTMLElement {
  const element = document.createElement('div');
  element.setAttribute('part', 'placeholder');
  element.style.minBlockSize = `${height}px`;
  if (!retry) {
    element.setAttribute('aria-busy', 'true');
    return element;
  }
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = retry.label;
  button.addEventListener('click', retry.load);
  element.append(button);
  return element;
}
