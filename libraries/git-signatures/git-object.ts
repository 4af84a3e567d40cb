import { bad } from './refusal.ts';

/** A signed Git object, taken apart the way Git does it before it asks who signed. */
export interface SplitObject {
  /** What was signed: the object without its signature. */
  readonly payload: Buffer;
  readonly signature?: Buffer;
  /** Seconds since 1970 by the committer's or tagger's clock; absent in old tags without a tagger. */
  readonly time?: number;
}

interface Header {
  readonly name: string;
  /** The value with its continuation lines, joined by newlines. */
  readonly value: string;
  /** Where it stands in the object, its last newline included. */
  readonly start: number;
  readonly end: number;
}

/** Larger commits and tags are refused unread, in bytes. */
export const maxObjectBytes = 8 * 1024 * 1024;

const signatureHeaders = ['gpgsig', 'gpgsig-sha256'] as const;
const objectName = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const identity = /^[^\n]*> (\d{1,15}) [+-]\d{1,7}$/;
const signatureStarts = [
  '-----BEGIN SSH SIGNATURE-----',
  '-----BEGIN PGP SIGNATURE-----',
  '-----BEGIN PGP MESSAGE-----',
  '-----BEGIN SIGNED MESSAGE-----',
];

/**
 * Splits a raw commit object (`git cat-file commit`) into payload and signature. The signature is that of the header
 * for the object's own format (`gpgsig` with SHA-1, `gpgsig-sha256` with SHA-256 object names); every signature header
 * is taken out of the payload. Stricter than Git: headers must stand in their order and once.
 */
export function splitCommit(object: Buffer): SplitObject {
  const { headers, bodyStart } = readHeaders(object);
  const [tree, ...others] = headers;
  if (tree?.name !== 'tree' || !objectName.test(tree.value))
    throw bad('the commit does not begin with its tree');
  let next = 0;
  while (others[next]?.name === 'parent') next++;
  if (others[next]?.name !== 'author') throw bad('the commit has no author after its parents');
  const committer = others[next + 1];
  if (committer?.name !== 'committer') throw bad('the commit has no committer after its author');
  const later = others.slice(next + 2);
  if (later.some(({ name }) => ['tree', 'parent', 'author', 'committer'].includes(name))) {
    throw bad('the commit has a header twice or out of order');
  }
  const signature = ownSignature(later, tree.value.length);
  return {
    payload: withoutSignatures(object, headers, bodyStart),
    ...(signature === undefined ? {} : { signature: Buffer.from(`${signature}\n`, 'latin1') }),
    time: timeOf(committer),
  };
}

/**
 * Splits a raw tag object (`git cat-file tag`): its signature is the end of its message, from the last line that
 * begins one.
 */
export function splitTag(object: Buffer): SplitObject {
  const { headers, bodyStart } = readHeaders(object);
  const names = headers.map(({ name }) => name).filter((name) => !isSignatureHeader(name));
  const [target, , , tagger] = headers;
  const isInOrder =
    ['object,type,tag', 'object,type,tag,tagger'].includes(names.join()) &&
    objectName.test(target?.value ?? '');
  if (!isInOrder) throw bad('the tag does not have the headers object, type, tag and tagger, in this order');
  const signatureStart = lastSignatureStart(object, bodyStart);
  return {
    payload: withoutSignatures(object.subarray(0, signatureStart), headers, bodyStart),
    ...(signatureStart < object.length ? { signature: object.subarray(signatureStart) } : {}),
    ...(tagger?.name === 'tagger' ? { time: timeOf(tagger) } : {}),
  };
}

function readHeaders(object: Buffer): { headers: Header[]; bodyStart: number } {
  if (object.length > maxObjectBytes) throw bad(`the object is larger than ${maxObjectBytes} bytes`);
  const blank = object.indexOf('\n\n');
  if (blank < 0) throw bad('the object has no end of its headers');
  const text = object.toString('latin1', 0, blank);
  if (text.includes('\0')) throw bad('the object has a NUL in its headers');
  const headers: Header[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    const end = start + line.length + 1;
    const last = headers.at(-1);
    if (!line.startsWith(' ')) {
      headers.push(readHeader(line, start, end));
    } else if (last === undefined) {
      throw bad('the object begins with a continuation line');
    } else {
      headers[headers.length - 1] = { ...last, value: `${last.value}\n${line.slice(1)}`, end };
    }
    start = end;
  }
  return { headers, bodyStart: blank + 1 };
}

function readHeader(line: string, start: number, end: number): Header {
  const space = line.indexOf(' ');
  const name = space < 0 ? line : line.slice(0, space);
  // Git leaves every header that begins so out of what it verifies; we want to know each by name.
  if (name.startsWith('gpgsig') && (space < 0 || !isSignatureHeader(name))) {
    throw bad('the object has a signature header that is not known');
  }
  return { name, value: space < 0 ? '' : line.slice(space + 1), start, end };
}

function isSignatureHeader(name: string): boolean {
  return (signatureHeaders as readonly string[]).includes(name);
}

function ownSignature(headers: readonly Header[], objectNameLength: number): string | undefined {
  for (const name of signatureHeaders) {
    if (headers.filter((header) => header.name === name).length > 1)
      throw bad(`the object has two headers ${name}`);
  }
  const own = signatureHeaders[objectNameLength === 40 ? 0 : 1];
  return headers.find(({ name }) => name === own)?.value;
}

function withoutSignatures(object: Buffer, headers: readonly Header[], bodyStart: number): Buffer {
  const kept = headers
    .filter(({ name }) => !isSignatureHeader(name))
    .map(({ start, end }) => object.subarray(start, end));
  return Buffer.concat([...kept, object.subarray(bodyStart)]);
}

function timeOf({ name, value }: Header): number {
  const match = identity.exec(value);
  if (match === null) throw bad(`the ${name} has no time`);
  return Number(match[1]);
}

function lastSignatureStart(object: Buffer, bodyStart: number): number {
  let last = object.length;
  for (const start of signatureStarts) {
    const found = object.lastIndexOf(`\n${start}`);
    if (found >= bodyStart && (last === object.length || found + 1 > last)) last = found + 1;
  }
  return last;
}
