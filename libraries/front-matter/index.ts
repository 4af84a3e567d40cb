/** The YAML at the head of a Markdown text, read with the suspicion that manifests are read with. */
import { Lexer, LineCounter, Parser, parseDocument, visit } from 'yaml';

/** What stands between the two lines of dashes at the head of a text, and what follows. */
export interface FrontMatter {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** The line, from 1, on which a field stands. */
  lineOf(field: string): number;
}

export interface FrontMatterProblem {
  readonly problem: string;
  /** From 1. */
  readonly line: number;
}

const maxBytes = 64 * 1024;
const maxDepth = 32;

/** Reads the front matter of a text as hardened YAML: no aliases, no tags, no duplicates, bounded size and depth. */
export function readFrontMatter(text: string): FrontMatter | FrontMatterProblem {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines[0]?.trimEnd() !== '---')
    return { problem: 'it does not begin with a line of three dashes', line: 1 };
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  if (end < 0) return { problem: 'its front matter is never closed by a line of three dashes', line: 1 };
  const source = lines.slice(1, end).join('\n');
  if (Buffer.byteLength(source) > maxBytes)
    return { problem: `its front matter is over ${maxBytes} bytes`, line: 1 };
  if (isTooDeep(source)) return { problem: `its front matter nests more than ${maxDepth} levels`, line: 1 };

  const lineCounter = new LineCounter();
  const document = parseDocument(source, {
    version: '1.2',
    schema: 'core',
    merge: false,
    strict: true,
    stringKeys: true,
    prettyErrors: false,
    uniqueKeys: false,
    lineCounter,
  });
  const lineAt = (offset: number | undefined) => 1 + lineCounter.linePos(offset ?? 0).line;
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined)
    return { problem: `its front matter is no YAML: ${error.message}`, line: lineAt(error.pos[0]) };

  const fieldLines = new Map<string, number>();
  let found: FrontMatterProblem | undefined;
  visit(document, {
    Alias(_, node) {
      found = { problem: 'its front matter uses an alias', line: lineAt(node.range?.[0]) };
      return visit.BREAK;
    },
    Map(_, node) {
      const keys = new Set<string>();
      for (const { key } of node.items) {
        const { value, range } = key as { value?: unknown; range?: readonly number[] };
        const name = String(value);
        const line = lineAt(range?.[0]);
        if (keys.has(name)) {
          found = { problem: `its front matter says "${name}" twice`, line };
          return visit.BREAK;
        }
        keys.add(name);
        if (node === document.contents) fieldLines.set(name, line);
      }
      return undefined;
    },
  });
  if (found !== undefined) return found;
  const fields: unknown = document.toJS({ maxAliasCount: 0 });
  if (!isRecord(fields)) return { problem: 'its front matter is no mapping of fields', line: 2 };
  return { fields, body: lines.slice(end + 1).join('\n'), lineOf: (field) => fieldLines.get(field) ?? 1 };
}

/** Asked before the document is composed, which recurses: deep nesting would end the process, not throw. */
function isTooDeep(source: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(source)) {
    for (const _ of parser.next(lexeme)) {
      // the tokens themselves are of no interest here
    }
    if (parser.stack.length > maxDepth + 2) return true;
  }
  return false;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
