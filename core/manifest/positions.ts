import { isObject, type JsonValue, pointerTo } from './json.ts';

/** Where a value of a document stands. Lines and columns count from 1; columns in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

interface Entry {
  readonly key: Place;
  /** Where the value begins, where that is on the line of its key. */
  readonly value: Place;
}

/** A field's place, and the column of its value where that begins on the line of its key (else 0). */
export interface FieldPlace extends Place {
  readonly valueColumn: number;
}

/**
 * Writes the places of a document's fields as a string about as long as its JSON: for each field depth first, in the
 * order of `Object.keys`, the line (less the line of the field before), the column of the key and that of the value.
 */
export function encodePositions(fields: readonly FieldPlace[]): string {
  let line = 1;
  let encoded = '';
  for (const field of fields) {
    if (encoded !== '') encoded += ' ';
    encoded += `${field.line - line}.${field.column}`;
    if (field.valueColumn > 0) encoded += `.${field.valueColumn}`;
    line = field.line;
  }
  return encoded;
}

/** Answers where a JSON pointer stands. Made only where there is an issue. */
export class Positions {
  readonly #places = new Map<string, Entry>();

  /** `start` is where the document begins. */
  constructor(value: JsonValue, encoded: string, start: Place) {
    this.#places.set('', { key: start, value: start });
    const fields = encoded === '' ? [] : encoded.split(' ');
    let next = 0;
    let line = 1;
    const visit = (child: JsonValue, pointer: string): void => {
      const [lines = '0', keyColumn = '1', valueColumn] = (fields[next++] ?? '').split('.');
      line += Number(lines);
      const key = { line, column: Number(keyColumn) };
      const value = valueColumn === undefined ? key : { line, column: Number(valueColumn) };
      this.#places.set(pointer, { key, value });
      descend(child, pointer);
    };
    const descend = (parent: JsonValue, pointer: string): void => {
      if (Array.isArray(parent)) {
        for (const [index, child] of parent.entries()) visit(child, pointerTo(pointer, index));
      } else if (isObject(parent)) {
        for (const key of Object.keys(parent)) visit(parent[key] as JsonValue, pointerTo(pointer, key));
      }
    };
    descend(value, '');
  }

  /** The value's place; that of the key with `at: 'key'`. A field that is not there has the place of its nearest ancestor. */
  of(pointer: string, at: 'key' | 'value' = 'value'): Place {
    const place = this.#places.get(pointer);
    if (place) return place[at];
    const parent = pointer.slice(0, Math.max(0, pointer.lastIndexOf('/')));
    return this.of(parent, 'key');
  }
}
