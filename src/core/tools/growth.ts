import { isRecord, listOf, recordOf } from '../model/json.js';

/** A field's name, or an item's index. */
export type JsonKey = string | number;

/** Keywords that leave any text allowed, so that the beginning of one may be shown (JSON Schema 2020-12). */
const PLAIN_TEXT: ReadonlySet<string> = new Set([
  'type',
  'title',
  'description',
  'default',
  'examples',
  'minLength',
  'maxLength',
  '$comment',
  'deprecated',
]);

/** Keywords by which other schemas have a say in what the fields of this one may hold. */
const APPLICATORS = ['$ref', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'dependentSchemas', 'patternProperties'];

/** Whether a text that is not whole may be shown: the schema says it is a text, and nothing more. */
export function isPlainText(schema: unknown): boolean {
  if (!isRecord(schema) || ![schema['type']].flat().includes('string')) return false;
  return Object.keys(schema).every((keyword) => PLAIN_TEXT.has(keyword));
}

/** Whether an object or a list is one of a choice, so that the beginning of it may not be shown. */
export function isChoice(schema: unknown): boolean {
  return isRecord(schema) && ('enum' in schema || 'const' in schema);
}

/** The schema of what stands at `key`; undefined where the schema around it alone does not tell. */
export function schemaAt(schema: unknown, key: JsonKey): unknown {
  if (!isRecord(schema) || APPLICATORS.some((keyword) => keyword in schema)) return undefined;
  if (typeof key === 'number') return listOf(schema['prefixItems'])[key] ?? schema['items'];
  const properties = recordOf(schema['properties']);
  return Object.hasOwn(properties, key) ? properties[key] : schema['additionalProperties'];
}
