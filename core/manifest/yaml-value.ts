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
import { hasUnprintable } from '../../libraries/visible-text/index.ts';
import { type JsonValue, pointerTo, setOwn } from './json.ts';
import type { FieldPlace, Place } from './positions.ts';

/** Something in a well-formed YAML document that would mean other than it seems to. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly pointer: string;
  readonly offset: number;
}

/** The way from a document's root to a value. Most are never written out. */
interface Trail {
  readonly parent: Trail | undefined;
  readonly key: string | number;
}

/**
 * The JSON value of a composed document, and the places of its fields in the order of `Object.keys`. What cannot be
 * said in JSON without loss (aliases, numbers that lose digits, a key twice) is added to `faults` and left out.
 * Keys are always own properties, also `__proto__`.
 */
export function toPlainValue(
  contents: ParsedNode | null,
  source: { readonly text: string; readonly lines: LineCounter; readonly faults: Fault[] },
): { value: JsonValue | undefined; fields: FieldPlace[] } {
  const { text, faults } = source;
  const fields: FieldPlace[] = [];
  const placeOf = placesIn(source.lines);
  return { value: contents === null ? undefined : convert(contents, undefined), fields };

  function convert(node: unknown, trail: Trail | undefined): JsonValue {
    if (isScalar(node)) return convertScalar(node, trail);
    if (isMap(node)) return convertMap(node, trail);
    if (isAlias(node)) {
      fault(node, trail, 'AliasRefused', 'aliases are not allowed', 'Write the value out.');
      return null;
    }
    if (!isSeq(node)) return null;
    checkAnchor(node, trail);
    return node.items.map((item, key) => {
      fields.push({ ...placeOf(item), valueColumn: 0 });
      return convert(item, { parent: trail, key });
    });
  }

  function convertMap(map: YAMLMap, trail: Trail | undefined): JsonValue {
    checkAnchor(map, trail);
    const value: Record<string, JsonValue> = {};
    const start = fields.length;
    const parts: { key: string; from: number }[] = [];
    let hasIndex = false;
    for (const pair of map.items) {
      const key = keyOf(pair.key, trail);
      if (key === undefined) continue;
      const at = { parent: trail, key };
      if (Object.hasOwn(value, key)) {
        fault(pair.key, at, 'DuplicateKey', 'this key is there already', 'Remove one of the two.');
        continue;
      }
      parts.push({ key, from: fields.length });
      hasIndex ||= /^\d+$/.test(key);
      const { line, column } = placeOf(pair.key);
      const valuePlace = placeOf(pair.value);
      const isBeside = valuePlace.line === line && valuePlace.column > column;
      fields.push({ line, column, valueColumn: isBeside ? valuePlace.column : 0 });
      setOwn(value, key, convert(pair.value, at));
    }
    if (hasIndex) reorder(value, parts, start);
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

  function keyOf(key: unknown, trail: Trail | undefined): string | undefined {
    if (!isScalar(key)) {
      if (isAlias(key)) fault(key, trail, 'AliasRefused', 'aliases are not allowed', 'Write the key out.');
      return undefined; // the parser has told any other
    }
    checkAnchor(key, trail);
    const name = String(key.value);
    checkText(key, name, trail);
    return name;
  }

  function convertScalar(node: Scalar, trail: Trail | undefined): JsonValue {
    checkAnchor(node, trail);
    const { value } = node;
    if (typeof value === 'string') {
      checkText(node, value, trail);
      return value;
    }
    if (typeof value === 'number') return convertNumber(node, value, trail);
    return typeof value === 'boolean' ? value : null;
  }

  function convertNumber(node: Scalar, value: number, trail: Trail | undefined): number {
    const source = node.source ?? '';
    const isWhole = /^[-+]?\d+$|^0[xo]/.test(source);
    const hasVanished = value === 0 && /[1-9]/.test(source.split(/[eE]/)[0] ?? '');
    if (!Number.isFinite(value)) {
      const hint = 'Write a finite number, or text in quotes.';
      fault(node, trail, 'UnsafeNumber', 'not a finite number', hint);
      return 0;
    }
    if ((isWhole && !Number.isSafeInteger(value)) || hasVanished) {
      fault(node, trail, 'UnsafeNumber', 'a number that would lose digits', 'Write it in quotes.');
    }
    return value === 0 ? 0 : value; // -0 would not survive JSON
  }

  function checkAnchor(node: Node & { anchor?: string }, trail: Trail | undefined): void {
    if (node.anchor === undefined) return;
    const offset = Math.max(0, text.lastIndexOf(`&${node.anchor}`, offsetOf(node)));
    const hint = 'Remove the `&name`.';
    const pointer = pointerOf(trail);
    faults.push({ code: 'AnchorRefused', message: 'anchors are not allowed', hint, pointer, offset });
  }

  function checkText(node: Scalar, value: string, trail: Trail | undefined): void {
    if (!hasUnprintable(value)) return;
    const hint = 'Remove the escape; encode binary data as base64.';
    fault(node, trail, 'ControlCharacter', 'text with a control character or half a character', hint);
  }

  function fault(node: unknown, trail: Trail | undefined, code: string, message: string, hint: string): void {
    faults.push({ code, message, hint, pointer: pointerOf(trail), offset: offsetOf(node) });
  }
}

/** Answers places of nodes, which are mostly asked for in the order of the text. */
function placesIn({ lineStarts }: LineCounter): (node: unknown) => Place {
  let line = 0;
  return (node) => {
    const offset = offsetOf(node);
    if (offset < (lineStarts[line] ?? 0)) line = 0;
    while ((lineStarts[line + 1] ?? Number.POSITIVE_INFINITY) <= offset) line += 1;
    return { line: line + 1, column: offset - (lineStarts[line] ?? 0) + 1 };
  };
}

function pointerOf(trail: Trail | undefined): string {
  return trail === undefined ? '' : pointerTo(pointerOf(trail.parent), trail.key);
}

function offsetOf(node: unknown): number {
  return (node as { range?: readonly [number, number, number] | null } | null)?.range?.[0] ?? 0;
}
