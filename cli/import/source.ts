import { LineCounter, parseAllDocuments } from 'yaml';
import { messageOf } from '../../core/plugin.ts';
import { isObject } from './fields.ts';

/** One document of a file that was named. */
export interface Source {
  readonly file: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly value: unknown;
  /** Whether the file has a line `...`, which ends a document, and which people write where they leave something out. */
  readonly isCut: boolean;
  /** Why it cannot be read. */
  readonly problem?: string;
}

/** More than this in a file are aliases that multiply. */
const mostAliases = 100;

/** The documents of a file, lists of Kubernetes unfolded; what cannot be read is told as such. */
export function sourcesIn(file: string, text: string): readonly Source[] {
  const lines = new LineCounter();
  const found: Source[] = [];
  const isCut = /^\.\.\.\s*$/m.test(text);
  let documents: ReturnType<typeof parseAllDocuments>;
  try {
    documents = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      schema: 'core',
      logLevel: 'error',
    });
  } catch (thrown) {
    return [broken(file, 1, thrown)];
  }
  if (!Array.isArray(documents)) return [];
  for (const document of documents) {
    const offset = document.contents?.range?.[0] ?? document.range?.[0] ?? 0;
    const { line } = lines.linePos(offset);
    const [error] = document.errors;
    if (error !== undefined) {
      found.push(broken(file, lines.linePos(error.pos[0]).line, error));
      continue;
    }
    try {
      const value: unknown = document.toJS({ maxAliasCount: mostAliases });
      found.push(...sourcesOf(value, { file, line, isCut }));
    } catch (thrown) {
      found.push(broken(file, line, thrown));
    }
  }
  return found;
}

type Place = Pick<Source, 'file' | 'line' | 'isCut'>;

function sourcesOf(value: unknown, place: Place): readonly Source[] {
  if (value === null || value === undefined) return [];
  if (isObject(value) && value.kind === 'List' && Array.isArray(value.items)) {
    return value.items.flatMap((item) => sourcesOf(item, place));
  }
  const { apiVersion, kind, metadata } = isObject(value) ? value : {};
  const { name, namespace } = isObject(metadata) ? metadata : {};
  return [
    {
      ...place,
      apiVersion: textOf(apiVersion),
      kind: textOf(kind),
      name: textOf(name),
      namespace: typeof namespace === 'string' ? namespace : undefined,
      value,
    },
  ];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function broken(file: string, line: number, thrown: unknown): Source {
  const reason = messageOf(thrown);
  const base = { apiVersion: '', kind: '', name: '', namespace: undefined, value: undefined, isCut: false };
  return { file, line, ...base, problem: reason.split('\n')[0] ?? reason };
}
