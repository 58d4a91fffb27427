/** The HTML of rendered content without the elements that only group (`data-chunk`). */
export function renderedHtml(content: Element): string {
  const copy = content.cloneNode(true) as Element;
  for (let group = copy.querySelector('[data-chunk]'); group; group = copy.querySelector('[data-chunk]')) {
    group.replaceWith(...group.childNodes);
  }
  return copy.innerHTML;
}
