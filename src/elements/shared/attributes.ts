import type { ComplexAttributeConverter } from 'lit';
import { warnOnce } from './warn-once.js';

/** The URLs in an attribute, made absolute. What is no URL is left out, with a warning. */
export function absoluteUrls(text: string | undefined): readonly string[] {
  const urls = text?.trim().split(/\s+/).filter(Boolean) ?? [];
  return urls.flatMap((url) => {
    if (URL.canParse(url, document.baseURI)) return [new URL(url, document.baseURI).href];
    warnOnce(`bad-url:${url}`, `"${url}" is no URL and is left out`);
    return [];
  });
}

/** An object in an attribute, as JSON. What is no object is left out, with a warning. */
export const JSON_OBJECT: ComplexAttributeConverter = {
  fromAttribute: (text) => parse(text, (value) => typeof value === 'object' && !Array.isArray(value)) ?? {},
};

/** A list in an attribute, as JSON. What is no list is left out, with a warning. */
export const JSON_LIST: ComplexAttributeConverter = {
  fromAttribute: (text) => parse(text, Array.isArray) ?? [],
};

function parse(text: string | null, fits: (value: NonNullable<unknown>) => boolean): unknown {
  if (!text) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (value && fits(value)) return value;
  } catch {
    // Said below: text that is no JSON and JSON of the wrong kind are the same mistake.
  }
  warnOnce(
    `attribute-json:${text}`,
    `the attribute value ${text} is not the JSON that is expected and is left out`,
  );
  return undefined;
}

/** `value` if it is one of `allowed`, else the first of them, with a warning. */
export function oneOf<T extends string>(name: string, value: T, allowed: readonly [T, ...T[]]): T {
  if (allowed.includes(value)) return value;
  warnOnce(
    `unknown-${name}:${value}`,
    `${name}="${value}" is not one of ${allowed.join(', ')}: ${allowed[0]} is used`,
  );
  return allowed[0];
}

/** `value` if it is a number from 0 up, else `fallback`, with a warning. */
export function numberFrom0(name: string, value: number, fallback: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  warnOnce(`bad-${name}`, `${name} is not a number from 0 up: ${fallback} is used`);
  return fallback;
}
