import type { ObjectFormat } from './object-id.ts';
import type { Commit, Person } from './repository.ts';

/** Reads a commit object. Histories of a hundred thousand are read: the usual one is decoded once and cut by hand. */
export function parseCommit(id: string, bytes: Buffer): Commit {
  const blank = bytes.indexOf('\n\n');
  const end = blank < 0 ? bytes.length : blank;
  let header = bytes.toString('utf8', 0, end);
  const encoding = header.includes('\nencoding ') ? /\nencoding ([^\n]+)/.exec(header)?.[1] : undefined;
  if (encoding !== undefined) header = decode(bytes.subarray(0, end), encoding);
  const parents: string[] = [];
  let tree = '';
  let author = nobody;
  let committer = nobody;
  for (let at = 0; at < header.length; ) {
    const newline = header.indexOf('\n', at);
    const stop = newline < 0 ? header.length : newline;
    // As Git reads it: the first line of each, and no parent behind the author.
    if (tree === '' && header.startsWith('tree ', at)) tree = header.slice(at + 5, stop);
    else if (author === nobody && header.startsWith('parent ', at)) parents.push(header.slice(at + 7, stop));
    else if (author === nobody && header.startsWith('author ', at))
      author = parsePerson(header.slice(at + 7, stop));
    else if (committer === nobody && header.startsWith('committer ', at))
      committer = parsePerson(header.slice(at + 10, stop));
    at = stop + 1;
  }
  const message = blank < 0 ? '' : decode(bytes.subarray(blank + 2), encoding ?? 'utf-8');
  return { id, tree, parents, author, committer, message };
}

const nobody: Person = { name: '', email: '', time: 0 };

/** The commit object of a new commit, without a signature. */
export function formatCommit(commit: Omit<Commit, 'id'>): Buffer {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${formatPerson(commit.author)}`,
    `committer ${formatPerson(commit.committer)}`,
    '',
    commit.message.endsWith('\n') ? commit.message : `${commit.message}\n`,
  ];
  return Buffer.from(lines.join('\n'), 'utf8');
}

/** Puts an armored signature into a commit object, as the last line of its header and where Git looks for it. */
export function addSignature(bytes: Buffer, signature: string, format: ObjectFormat): Buffer {
  const header = format === 'sha256' ? 'gpgsig-sha256' : 'gpgsig';
  const lines = signature.replaceAll('\r', '').trimEnd().split('\n');
  const end = bytes.indexOf('\n\n') + 1;
  const text = `${header} ${lines.join('\n ')}\n`;
  return Buffer.concat([bytes.subarray(0, end), Buffer.from(text, 'utf8'), bytes.subarray(end)]);
}

/** `Name <email> seconds +0000`, in UTC. */
export function formatPerson(person: Person): string {
  return `${person.name} <${person.email}> ${person.time} +0000`;
}

function parsePerson(text: string): Person {
  const parts = /^(.*?) ?<([^>]*)>(?: (-?\d+))?/.exec(text);
  return { name: parts?.[1] ?? text, email: parts?.[2] ?? '', time: Number(parts?.[3] ?? 0) };
}

function decode(bytes: Buffer, encoding: string): string {
  if (encoding === 'utf-8') return bytes.toString('utf8');
  try {
    return new TextDecoder(encoding).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
