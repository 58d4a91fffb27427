/** What the shop of filter.html sells, the newest first. */
export const products = [
  { name: 'Trail shoes, red', kind: 'shoes', color: 'red', price: 89, stock: 4 },
  { name: 'Rain jacket, green', kind: 'jackets', color: 'green', price: 140, stock: 2 },
  { name: 'City shoes, blue', kind: 'shoes', color: 'blue', price: 75, stock: 9 },
  { name: 'Weekend bag, red', kind: 'bags', color: 'red', price: 60, stock: 1 },
  { name: 'Running shoes, blue', kind: 'shoes', color: 'blue', price: 110, stock: 3 },
  { name: 'Wind jacket, blue', kind: 'jackets', color: 'blue', price: 95, stock: 0 },
  { name: 'Canvas shoes, red', kind: 'shoes', color: 'red', price: 45, stock: 0 },
  { name: 'Canvas shoes, green', kind: 'shoes', color: 'green', price: 45, stock: 6 },
  { name: 'Day bag, green', kind: 'bags', color: 'green', price: 39, stock: 8 },
];
