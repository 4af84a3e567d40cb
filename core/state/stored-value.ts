import { unstorableValue } from './errors.ts';

/**
 * JSON text of a value, taken at the time of the call: changing the value afterwards changes nothing that is kept.
 * `undefined` has no JSON: undefined. Throws `UnstorableValue` for what JSON cannot hold (a cycle, a bigint).
 */
export function toStored(value: unknown, what: string): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw unstorableValue(what, error);
  }
}

/** As `toStored`, where a value must be there. */
export function toStoredText(value: unknown, what: string): string {
  const text = toStored(value, what);
  if (text === undefined) throw unstorableValue(what, undefined);
  return text;
}

export function fromStored<T>(text: string): T {
  return JSON.parse(text) as T;
}
