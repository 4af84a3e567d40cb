/** Finds a field that stands twice in one object of a JSON text, of which `JSON.parse` keeps the last without a word. */

export interface DuplicateField {
  readonly field: string;
  /** Names and positions that lead to the object. */
  readonly path: readonly (string | number)[];
}

/** `value` is what the text was parsed to. Costs little where no field stands twice. */
export function duplicateField(text: string, value: unknown): DuplicateField | undefined {
  return membersWritten(text) === membersOf(value) ? undefined : firstDuplicate(text);
}

function membersWritten(text: string): number {
  let members = 0;
  let inText = false;
  for (let index = 0; index < text.length; index++) {
    const byte = text.charCodeAt(index);
    if (inText) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x3a) members++;
  }
  return members;
}

/** No request for rows is nested deeper; what is is refused for that. */
const deepest = 32;

function membersOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > deepest) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const one of value) members += membersOf(one, depth + 1);
    return members;
  }
  const record = value as Record<string, unknown>;
  for (const name of Object.keys(record)) members += 1 + membersOf(record[name], depth + 1);
  return members;
}

interface Frame {
  /** Of an object. */
  readonly names: Set<string> | undefined;
  /** Where it is now: the field, or the position in a list. */
  at: string | number;
}

function firstDuplicate(text: string): DuplicateField | undefined {
  const frames: Frame[] = [];
  for (let index = 0; index < text.length; index++) {
    const sign = text[index]!;
    const frame = frames.at(-1);
    if (sign === '{') frames.push({ names: new Set(), at: '' });
    else if (sign === '[') frames.push({ names: undefined, at: 0 });
    else if (sign === '}' || sign === ']') frames.pop();
    else if (sign === ',' && typeof frame?.at === 'number') frame.at++;
    else if (sign === '"') {
      const end = endOfText(text, index);
      if (frame?.names !== undefined && isBeforeColon(text, end)) {
        const field = JSON.parse(text.slice(index, end)) as string;
        if (frame.names.has(field)) return { field, path: frames.slice(0, -1).map(({ at }) => at) };
        frame.names.add(field);
        frame.at = field;
      }
      index = end - 1;
    }
  }
  return undefined;
}

/** Behind the closing quote. */
function endOfText(text: string, opening: number): number {
  let index = opening + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
}

function isBeforeColon(text: string, end: number): boolean {
  let index = end;
  while (' \n\r\t'.includes(text[index] ?? '.')) index++;
  return text[index] === ':';
}
