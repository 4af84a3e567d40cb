import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { hasUnprintable } from './decode-text.ts';
import { type JsonValue, pointerTo, setOwn } from './json.ts';
import type { FieldPlace } from './positions.ts';

/** Something in a well-formed YAML document that would mean other than it seems to. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly pointer: string;
  readonly offset: number;
}

/**
 * The JSON value of a composed document, and the places of its fields in the order of `Object.keys`. What cannot be
 * said in JSON without loss (aliases, numbers that lose digits, a key twice) is added to `faults` and left out.
 * Keys are always own properties, also `__proto__`.
 */
export function toPlainValue(
  contents: ParsedNode | null,
  { text, lines, faults }: { readonly text: string; readonly lines: LineCounter; readonly faults: Fault[] },
): { value: JsonValue | undefined; fields: FieldPlace[] } {
  const fields: FieldPlace[] = [];
  return { value: contents === null ? undefined : convert(contents, ''), fields };

  function convert(node: unknown, pointer: string): JsonValue {
    if (isAlias(node)) {
      fault(node, pointer, 'AliasRefused', 'aliases are not allowed', 'Write the value out.');
      return null;
    }
    if (isScalar(node)) return convertScalar(node, pointer);
    if (isMap(node)) return convertMap(node, pointer);
    if (!isSeq(node)) return null;
    checkAnchor(node, pointer);
    return node.items.map((item, index) => {
      const at = pointerTo(pointer, index);
      const place = placeOf(item);
      fields.push({ ...place, valueColumn: 0 });
      return convert(item, at);
    });
  }

  function convertMap(map: YAMLMap, pointer: string): JsonValue {
    checkAnchor(map, pointer);
    const value: Record<string, JsonValue> = {};
    const start = fields.length;
    const parts: { key: string; from: number }[] = [];
    const seen = new Set<string>();
    for (const pair of map.items) {
      const key = keyOf(pair.key, pointer);
      if (key === undefined) continue;
      const at = pointerTo(pointer, key);
      if (seen.has(key)) {
        fault(pair.key, at, 'DuplicateKey', 'this key is there already', 'Remove one of the two.');
        continue;
      }
      seen.add(key);
      parts.push({ key, from: fields.length });
      const place = placeOf(pair.key);
      const valuePlace = placeOf(pair.value);
      const isBeside = valuePlace.line === place.line && valuePlace.column > place.column;
      fields.push({ ...place, valueColumn: isBeside ? valuePlace.column : 0 });
      setOwn(value, key, convert(pair.value, at));
    }
    if (parts.some(({ key }) => /^\d+$/.test(key))) reorder(value, parts, start);
    return value;
  }

  /** JavaScript puts keys that look like an index first. */
  function reorder(value: object, parts: readonly { key: string; from: number }[], start: number): void {
    const byKey = new Map(
      parts.map(({ key, from }, index) => [key, fields.slice(from, parts[index + 1]?.from ?? fields.length)]),
    );
    fields.length = start;
    for (const key of Object.keys(value)) for (const field of byKey.get(key) ?? []) fields.push(field);
  }

  function keyOf(key: unknown, pointer: string): string | undefined {
    if (!isScalar(key)) {
      if (isAlias(key)) fault(key, pointer, 'AliasRefused', 'aliases are not allowed', 'Write the key out.');
      return undefined; // the parser has told any other
    }
    checkAnchor(key, pointer);
    const name = String(key.value);
    checkText(key, name, pointer);
    return name;
  }

  function convertScalar(node: Scalar, pointer: string): JsonValue {
    checkAnchor(node, pointer);
    const { value } = node;
    if (typeof value === 'string') {
      checkText(node, value, pointer);
      return value;
    }
    if (typeof value === 'number') return convertNumber(node, value, pointer);
    return typeof value === 'boolean' ? value : null;
  }

  function convertNumber(node: Scalar, value: number, pointer: string): number {
    const source = node.source ?? '';
    const isWhole = /^[-+]?\d+$|^0[xo]/.test(source);
    const hasVanished = value === 0 && /[1-9]/.test(source.split(/[eE]/)[0] ?? '');
    if (!Number.isFinite(value)) {
      fault(
        node,
        pointer,
        'UnsafeNumber',
        'not a finite number',
        'Write a finite number, or text in quotes.',
      );
      return 0;
    }
    if ((isWhole && !Number.isSafeInteger(value)) || hasVanished) {
      fault(node, pointer, 'UnsafeNumber', 'a number that would lose digits', 'Write it in quotes.');
    }
    return value === 0 ? 0 : value; // -0 would not survive JSON
  }

  function checkAnchor(node: Node & { anchor?: string }, pointer: string): void {
    if (node.anchor === undefined) return;
    const offset = Math.max(0, text.lastIndexOf(`&${node.anchor}`, offsetOf(node)));
    const hint = 'Remove the `&name`.';
    faults.push({ code: 'AnchorRefused', message: 'anchors are not allowed', hint, pointer, offset });
  }

  function checkText(node: Scalar, value: string, pointer: string): void {
    if (!hasUnprintable(value)) return;
    const hint = 'Remove the escape; encode binary data as base64.';
    fault(node, pointer, 'ControlCharacter', 'text with a control character or half a character', hint);
  }

  function fault(node: unknown, pointer: string, code: string, message: string, hint: string): void {
    faults.push({ code, message, hint, pointer, offset: offsetOf(node) });
  }

  function placeOf(node: unknown): { line: number; column: number } {
    const { line, col } = lines.linePos(offsetOf(node));
    return { line, column: col };
  }
}

function offsetOf(node: unknown): number {
  return (node as { range?: readonly [number, number, number] | null } | null)?.range?.[0] ?? 0;
}
