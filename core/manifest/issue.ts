import type { Ref } from '../plugin.ts';

/** Something wrong in a registry's file, with its place. `line` and `column` count from 1. */
export interface Issue {
  /** Stable PascalCase: `UnknownField`, `MissingReference`, `DuplicateKey`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** JSON pointer into the document; empty for the whole of it. */
  readonly pointer: string;
  /** The resource meant, where the document could be identified. */
  readonly ref?: Ref;
}
