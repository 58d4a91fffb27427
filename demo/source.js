// Shows the script of a page on the page: what is in `data-source` names it.
for (const place of document.querySelectorAll('[data-source]')) {
  const { textContent } = document.querySelector(place.dataset.source);
  place.textContent = textContent.replaceAll(/^ {6}/gm, '').trim();
}
