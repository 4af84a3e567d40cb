import { Composer, type Document, Lexer, LineCounter, Parser, type YAMLError } from 'yaml';
import { decodeText } from '../../libraries/visible-text/index.ts';
import { digestOf, sha256 } from './digest.ts';
import type { JsonValue } from './json.ts';
import { limits } from './limits.ts';
import { encodePositions } from './positions.ts';
import { type Fault, toPlainValue } from './yaml-value.ts';

/** Something wrong in the text of a document, with its place. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** JSON pointer, where the value could be told; else empty. */
  readonly pointer: string;
  readonly line: number;
  readonly column: number;
}

/** One document of a file. With problems, its value serves to tell which resource it means and for nothing else. */
export interface ParsedDocument {
  /** Where its content begins. */
  readonly line: number;
  readonly column: number;
  /** Undefined where nothing can be told. */
  readonly value: JsonValue | undefined;
  /** sha256 of the canonical JSON; empty with problems. */
  readonly digest: string;
  /** For `Positions`. */
  readonly positions: string;
  readonly problems: readonly Problem[];
  /** Where it ends cannot be told for sure: another document may be lost in it. */
  readonly torn: boolean;
}

/** What a file holds. JSON, and so can be kept by blob id. */
export interface ParsedFile {
  readonly documents: readonly ParsedDocument[];
  /** Whether the text speaks of `switchyard/`: tells a broken manifest from a file that is none of ours. */
  readonly mentions: boolean;
}

const yamlOptions = {
  version: '1.2',
  schema: 'core',
  merge: false,
  strict: true,
  stringKeys: true,
  prettyErrors: false,
  uniqueKeys: false, // quadratic; ours is linear
  resolveKnownTags: false,
  logLevel: 'silent',
} as const;

/** Raise when the same bytes come to mean another value. */
const revision = 2;

/** The version of the `yaml` package that `parserVersion` speaks of. A test compares it with what is installed. */
export const yamlVersion = '2.9.1';

/** Names what parsed a manifest: a kept result of another parser is not used. */
export const parserVersion = `${revision}-${sha256(JSON.stringify([yamlVersion, yamlOptions, limits])).slice(7, 19)}`;

/**
 * Reads the documents of one YAML file. Never throws; takes time linear in the bytes. Refuses what could mean
 * something else than it seems to: see `docs/adr/0005-hardened-yaml.md`. Empty documents are skipped.
 */
export function parseManifests(bytes: Uint8Array): ParsedFile {
  const mentions = mentionsSwitchyard(bytes);
  const torn = (...problems: Problem[]): ParsedFile => ({ documents: [tornDocument(problems)], mentions });
  if (bytes.length > limits.bytes) return torn(fileTooLarge(bytes.length));
  const { text, problem } = decodeText(bytes);
  if (text === undefined || problem !== undefined) {
    const place =
      text === undefined ? placeOfByte(bytes, problem?.offset ?? 0) : placeIn(text, problem?.offset ?? 0);
    return torn({
      code: problem?.code ?? 'InvalidEncoding',
      message: problem?.message ?? 'the file cannot be read as text',
      hint: problem?.hint ?? 'Save it as UTF-8.',
      pointer: '',
      ...place,
    });
  }
  return { documents: parseText(text), mentions };
}

/** What is kept of a file that was not even read, because it is too large. */
export function tooLarge(size: number, mentions: boolean): ParsedFile {
  return { documents: [tornDocument([fileTooLarge(size)])], mentions };
}

/** Whether bytes speak of `switchyard/`, in whatever encoding and however broken. */
export function mentionsSwitchyard(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return text.includes('switchyard/') || text.toString('latin1').replaceAll('\0', '').includes('switchyard/');
}

function parseText(text: string): ParsedDocument[] {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer(yamlOptions);
  const documents: ParsedDocument[] = [];
  const stopped: Problem[] = [];
  let slips = 0;
  const take = (composed: Iterable<Document.Parsed>): void => {
    for (const document of composed) {
      const parsed = readDocument(document, lines, text);
      if (parsed) documents.push(parsed);
    }
  };
  const stop = (code: string, message: string, hint: string, offset = parser.offset): void => {
    stopped.push({ code, message, hint, pointer: '', ...placeOf(lines, offset) });
  };
  const feed = (tokens: ReturnType<Parser['next']>): void => {
    for (const token of tokens) {
      if (token.type === 'directive' && !/^%YAML[ \t]+1\.2[ \t]*$/.test(token.source)) {
        stop(
          'DirectiveRefused',
          'directives are not allowed',
          'Remove the line that begins with `%`.',
          token.offset,
        );
      }
      if (token.type === 'error') slips += 1;
      if (slips > mostSlips) stop('InvalidYaml', 'this is not YAML', 'Is this the right file?', token.offset);
      if (stopped.length === 0) take(composer.next(token));
    }
  };

  // The parser's errors are values to us; their stack traces would take most of the time on a hostile file.
  const traces = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    for (const lexeme of new Lexer().lex(text)) {
      feed(parser.next(lexeme));
      // The composer recurses, so the depth is looked at while tokens are read.
      if (depthOf(parser) > limits.depth) {
        stop('TooDeep', `more than ${limits.depth} lists and maps inside each other`, 'Write it flatter.');
      } else if (documents.length >= limits.documents) {
        stop('TooManyDocuments', `more than ${limits.documents} documents in one file`, 'Split the file.');
      }
      if (stopped.length > 0) break;
    }
    if (stopped.length === 0) {
      feed(parser.end());
      take(composer.end());
    }
    const unread = composer.streamInfo().errors;
    if (stopped.length === 0 && unread.length > 0) {
      stopped.push(...syntaxProblems(unread, lines, text));
    }
  } finally {
    Error.stackTraceLimit = traces;
  }
  if (stopped.length > 0) documents.push(tornDocument(stopped));
  return documents;
}

/** Errors of the parser after which it is not asked any further. */
const mostSlips = 100;

/** Lists and maps that are open: beside them only the document and a scalar are on the stack. */
function depthOf({ stack }: Parser): number {
  const last = stack.at(-1);
  const isScalar = last !== undefined && last.type !== 'document' && !('items' in last);
  return stack.length - Number(stack[0]?.type === 'document') - Number(isScalar);
}

function readDocument(
  document: Document.Parsed,
  lines: LineCounter,
  text: string,
): ParsedDocument | undefined {
  const { contents, errors, warnings } = document;
  if (contents === null && errors.length === 0) return undefined;
  const faults: Fault[] = [];
  const { value, fields } = toPlainValue(contents, { text, lines, faults });
  if (value === null && errors.length === 0 && faults.length === 0) return undefined;
  for (const { pos, message } of warnings) {
    faults.push({
      code: 'UnknownTag',
      message: message.startsWith('Unresolved tag')
        ? 'a tag that manifests do not have'
        : plainMessage(message),
      hint: 'Remove the `!tag`; write text in quotes.',
      pointer: '',
      offset: pos[0],
    });
  }
  const problems = [
    ...syntaxProblems(errors, lines, text),
    ...faults
      .slice(0, limits.problems)
      .map(({ offset, ...fault }) => ({ ...fault, ...placeOf(lines, offset) })),
  ].slice(0, limits.problems);
  return {
    ...placeOf(lines, contents?.range[0] ?? 0),
    value,
    digest: problems.length === 0 && value !== undefined ? digestOf(value) : '',
    positions: encodePositions(fields),
    problems,
    torn: errors.length > 0,
  };
}

/** The first few: one slip makes many. */
function syntaxProblems(errors: readonly YAMLError[], lines: LineCounter, text: string): Problem[] {
  const conflict = errors.length > 0 && /^(<{7}|={7}|>{7})( |$)/m.test(text);
  return errors.slice(0, 3).map((error) => {
    const hint = conflict ? 'The file holds conflict markers of a merge: resolve it.' : hints.get(error.code);
    return {
      code: 'InvalidYaml',
      message: words.get(error.code) ?? plainMessage(error.message),
      ...(hint === undefined ? {} : { hint }),
      pointer: '',
      ...placeOf(lines, error.pos[0]),
    };
  });
}

/** Where the parser speaks of its own parts. */
const words = new Map<string, string>([
  ['UNEXPECTED_TOKEN', 'this may not stand here'],
  ['NON_STRING_KEY', 'a key must be text'],
  ['MULTILINE_IMPLICIT_KEY', 'a key must be on one line, with a colon after it'],
  ['BLOCK_AS_IMPLICIT_KEY', 'a map may not begin in the middle of this line'],
  ['IMPOSSIBLE', 'this is not YAML'],
]);

const hints = new Map<string, string>([
  ['TAB_AS_INDENT', 'Indent with spaces.'],
  ['BAD_INDENT', 'Give the fields of one map the same indent.'],
  ['BLOCK_AS_IMPLICIT_KEY', 'Put the nested map on a line of its own, or write text with `: ` in quotes.'],
  ['BAD_SCALAR_START', 'Write text that begins with a special character in quotes.'],
  ['NON_STRING_KEY', 'Write the key as plain text.'],
  ['BAD_DQ_ESCAPE', 'In double quotes a backslash is written twice; single quotes take it as it is.'],
  ['MISSING_CHAR', 'Is a quote or a bracket not closed?'],
]);

/** The parser's sentence without what it quotes from the file, which could be a secret. */
function plainMessage(message: string): string {
  const end = message.search(/: ["'[{]|^Not a YAML token/);
  const plain = end === 0 ? 'something that is not YAML' : message.slice(0, end < 0 ? 200 : end);
  return plain.charAt(0).toLowerCase() + plain.slice(1);
}

function tornDocument(problems: readonly Problem[]): ParsedDocument {
  const { line = 1, column = 1 } = problems[0] ?? {};
  return { line, column, value: undefined, digest: '', positions: '', problems, torn: true };
}

function fileTooLarge(size: number): Problem {
  return {
    code: 'FileTooLarge',
    message: `the file has ${size.toLocaleString('en')} bytes; a manifest has at most ${limits.bytes.toLocaleString('en')}`,
    hint: 'Split it, or keep data outside of manifests.',
    pointer: '',
    line: 1,
    column: 1,
  };
}

function placeOf(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function placeIn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - start + 1 };
}

function placeOfByte(bytes: Uint8Array, offset: number): { line: number; column: number } {
  const before = new TextDecoder().decode(bytes.subarray(0, offset));
  return placeIn(before, before.length);
}
