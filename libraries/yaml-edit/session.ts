import { YamlEditError } from './error.ts';
import type { Layout } from './layout.ts';
import { Lines, type Splice, splice } from './lines.ts';
import { type ReadDocument, readDocuments } from './read.ts';
import { isSame, type Tree } from './tree.ts';

const nothing: Tree = { kind: 'scalar', value: null };

/**
 * A text under edit. Each change is tried in the ways that it is given, and kept in the first way that reads back as
 * expected with every other document as it was.
 */
export class Session {
  lines: Lines;
  private documents: ReadDocument[];
  private readonly index: number;

  constructor(text: string, document: number | undefined) {
    this.lines = new Lines(text);
    this.documents = readDocuments(text);
    this.index = chooseDocument(this.documents, document);
    const { duplicate } = this.document;
    if (duplicate !== undefined) {
      const { key, offset } = duplicate;
      throw new YamlEditError(
        'DuplicateKey',
        `the key ${JSON.stringify(key)} is there twice; remove one of the two first`,
        {
          line: this.lines.numberOf(offset),
        },
      );
    }
  }

  get document(): ReadDocument {
    return (
      this.documents[this.index] ?? { root: undefined, end: this.lines.text.length, duplicate: undefined }
    );
  }

  get root(): Layout | undefined {
    return this.document.root;
  }

  change(
    ways: Iterable<readonly Splice[]>,
    expected: Tree,
    where: { offset: number; pointer: string },
  ): void {
    for (const way of ways) {
      const text = splice(this.lines.text, way);
      const documents = this.readBack(text);
      if (documents === undefined || !this.isAsExpected(documents, expected)) continue;
      this.lines = new Lines(text);
      this.documents = documents;
      return;
    }
    throw new YamlEditError(
      'NotVerified',
      'no way was found to write exactly this here and change nothing else',
      {
        line: this.lines.numberOf(where.offset),
        pointer: where.pointer,
      },
    );
  }

  private readBack(text: string): ReadDocument[] | undefined {
    try {
      return readDocuments(text);
    } catch (error) {
      if (error instanceof YamlEditError) return undefined;
      throw error;
    }
  }

  private isAsExpected(documents: readonly ReadDocument[], expected: Tree): boolean {
    if (documents.length !== Math.max(1, this.documents.length)) return false;
    return documents.every(({ root, duplicate }, index) => {
      if (index === this.index) return duplicate === undefined && isSame(root ?? nothing, expected);
      return isSame(root ?? nothing, this.documents[index]?.root ?? nothing);
    });
  }
}

/** Counts the documents that hold something; where none does, the first is meant. */
function chooseDocument(documents: readonly ReadDocument[], wanted: number | undefined): number {
  const filled = [...documents.keys()].filter((index) => !isEmpty(documents[index]?.root));
  if (wanted === undefined && filled.length > 1) {
    const words = `the text holds ${filled.length} documents: say which one is meant`;
    throw new YamlEditError('DocumentMissing', words);
  }
  const index = filled[wanted ?? 0] ?? (filled.length === 0 && (wanted ?? 0) === 0 ? 0 : undefined);
  if (index === undefined) {
    throw new YamlEditError(
      'DocumentMissing',
      `the text has no document ${wanted}: it holds ${filled.length}, counted from 0`,
    );
  }
  return index;
}

function isEmpty(root: Layout | undefined): boolean {
  return root === undefined || (root.kind === 'scalar' && root.value === null);
}
