import type { ObjectFormat } from './object-id.ts';
import type { Commit, Person } from './repository.ts';

/** Reads a commit object. */
export function parseCommit(id: string, bytes: Buffer): Commit {
  const blank = bytes.indexOf('\n\n');
  const header = bytes.subarray(0, blank < 0 ? bytes.length : blank);
  const encoding = /\nencoding ([^\n]+)/.exec(header.toString('latin1'))?.[1] ?? 'utf-8';
  const nobody: Person = { name: '', email: '', time: 0 };
  const commit = { tree: '', parents: [] as string[], author: nobody, committer: nobody };
  for (const line of decode(header, encoding).split('\n')) {
    const space = line.indexOf(' ');
    const value = line.slice(space + 1);
    switch (line.slice(0, space)) {
      case 'tree':
        commit.tree = value;
        break;
      case 'parent':
        commit.parents.push(value);
        break;
      case 'author':
        commit.author = parsePerson(value);
        break;
      case 'committer':
        commit.committer = parsePerson(value);
        break;
    }
  }
  return { id, ...commit, message: blank < 0 ? '' : decode(bytes.subarray(blank + 2), encoding) };
}

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
