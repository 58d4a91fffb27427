// Numbers, and what they have to be.

/** The middle of some numbers; NaN of none. */
export function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

export const most = (numbers) => (numbers.length > 0 ? Math.max(...numbers) : NaN);

/** A number with the digits that mean something. */
export const round = (number) => Number(number.toFixed(Math.abs(number) < 10 ? 2 : 1));

/** `10000` as `10 KB`, `1000000` as `1 MB`: UTF-16 units, of which most are bytes. */
export const sizeName = (size) => (size < 1e6 ? `${size / 1e3} KB` : `${size / 1e6} MB`);

/** The targets of a run. What was not measured has none. */
export class Checks {
  #list = [];

  get list() {
    return this.#list;
  }

  atMost(target, value, name) {
    this.#add(name, value, `≤ ${target}`, value <= target);
  }

  atLeast(target, value, name) {
    this.#add(name, value, `≥ ${target}`, value >= target);
  }

  #add(name, value, target, met) {
    if (value === undefined || Number.isNaN(value)) return;
    this.#list.push({ name, value: round(value), target, met });
  }

  print() {
    console.log('\nTargets');
    for (const { name, value, target, met } of this.#list)
      console.log(`${met ? 'met   ' : 'MISSED'}  ${String(value).padStart(8)}  ${target.padEnd(8)}  ${name}`);
    const missed = this.#list.filter(({ met }) => !met).length;
    console.log(`${this.#list.length - missed} met, ${missed} missed`);
  }
}
