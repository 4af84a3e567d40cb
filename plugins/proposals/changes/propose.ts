import { createHash } from 'node:crypto';
import type { FileEdit } from '../../../core/capabilities/proposer.ts';
import { nothingChanged } from '../errors.ts';
import { type Asked, type Change, given } from './change.ts';

export interface ProposeAsked extends Asked {
  /** One line, or a Conventional Commit's. */
  readonly title: string;
  /** What the working tree has: path → content, or null where it is gone. */
  readonly files: ReadonlyMap<string, Uint8Array | null>;
  /** What it is about: a later one with the same name takes the place of this. Default: the files that it changes. */
  readonly name?: string;
}

/** Any change of files, as a person made it. */
export function propose(asked: ProposeAsked): Change {
  const { title, files, author, name } = asked;
  if (files.size === 0) throw nothingChanged();
  const paths = [...files.keys()].sort();
  const edits: FileEdit[] = paths.map((path) => {
    const content = files.get(path);
    return content === null || content === undefined
      ? { path, remove: true }
      : { path, content: Buffer.from(content).toString('base64') };
  });
  const about = name ?? createHash('sha256').update(paths.join('\0')).digest('hex').slice(0, 16);
  return {
    intent: {
      key: `propose:${about}`,
      type: 'propose',
      title,
      files: edits,
      trailers: {},
      author,
      ...given(asked),
    },
    warnings: [],
  };
}
