import { Ajv, type ErrorObject } from 'ajv';
import { LineCounter, parseDocument, stringify } from 'yaml';
import type { CheckOutcome, Review } from '../../../core/capabilities/forge.ts';
import { invalidCase } from '../errors.ts';
import { caseFileSchema } from './case-schema.ts';

/** A change as somebody recorded it, and what policies must say of it. */
export interface RecordedCase {
  readonly name: string;
  readonly changes: readonly RecordedChange[];
  /** A name; that of a member of a team means that member, proven. */
  readonly author?: string;
  /** Files beside those of the changes. */
  readonly files?: readonly string[];
  readonly title?: string;
  readonly fork?: boolean;
  /** Check → outcome, or outcome and facts. `manifests` passes unless it says otherwise. */
  readonly checks?: Readonly<
    Record<string, CheckOutcome | { outcome: CheckOutcome; facts?: Record<string, unknown> }>
  >;
  readonly reviews?: readonly RecordedReview[];
  readonly labels?: readonly { readonly name: string; readonly by?: string; readonly stale?: boolean }[];
  readonly served?: readonly {
    readonly environment: string;
    readonly version: string;
    /** Default: the model of the first change. */
    readonly model?: string;
    readonly since: string;
    readonly until?: string;
  }[];
  /** RFC 3339. Default: 2026-01-05T12:00:00Z, a Monday. */
  readonly now?: string;
  readonly expect: Expectation;
}

export interface RecordedChange {
  /** Default: Deployment. */
  readonly kind?: string;
  readonly type?: string;
  readonly name?: string;
  readonly environment?: string;
  readonly model?: string;
  /** Default: those of the model in the registry. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly from?: string;
  readonly to?: string;
  readonly path?: string;
  readonly judging?: boolean;
}

export interface RecordedReview {
  readonly by: string;
  /** Default: approve. */
  readonly verdict?: Review['verdict'];
  /** Of an earlier commit. */
  readonly stale?: boolean;
  /** False where anybody could have written it. Default true. */
  readonly proven?: boolean;
}

export interface Expectation {
  readonly allowed: boolean;
  /** Codes of what is not met: exactly these, in any order. */
  readonly unmet?: readonly string[];
  /** Codes that must be met. */
  readonly met?: readonly string[];
  /** Rules that must apply, as `policy/rule`. */
  readonly rules?: readonly string[];
  /** Who lets it pass by a label; null for nobody. */
  readonly breakGlass?: string | null;
  /** When the last of what is not met will be met by itself. */
  readonly metAt?: string;
}

/** A case and where it stands. */
export interface PlacedCase {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly recorded: RecordedCase;
}

/** Reads a file of recorded cases. Throws `InvalidCase` with the first line that is not as docs/policies.md says. */
export function readCaseFile(file: string, text: string): readonly PlacedCase[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', uniqueKeys: true });
  const lineAt = (path: readonly (string | number)[]) => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true) as { range?: readonly number[] } | undefined;
      const start = node?.range?.[0];
      if (start !== undefined) return lines.linePos(start).line;
    }
    return 1;
  };
  const [error] = document.errors;
  if (error !== undefined) {
    throw invalidCase(`${file}:${error.linePos?.[0].line ?? 1}`, error.message.split('\n', 1)[0] ?? '');
  }
  let content: { cases: RecordedCase[] };
  try {
    content = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw invalidCase(file, 'it has YAML aliases');
  }
  validate ??= new Ajv({ allErrors: false, allowUnionTypes: true }).compile(caseFileSchema);
  if (!validate(content)) {
    const [problem] = validate.errors as ErrorObject[];
    const path = pathOf(problem?.instancePath ?? '');
    throw invalidCase(`${file}:${lineAt(path)}`, wordsOf(problem, path));
  }
  return content.cases.map((recorded, index) => ({ file, line: lineAt(['cases', index]), recorded }));
}

/** A case as it stands in a file, to be added to its list. */
export function writeCase(recorded: RecordedCase): string {
  const text = stringify([recorded], {
    lineWidth: 120,
    collectionStyle: 'any',
    aliasDuplicateObjects: false,
  });
  return text.replaceAll(/^(?=.)/gm, '  ');
}

let validate: ReturnType<Ajv['compile']> | undefined;

function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function wordsOf(problem: ErrorObject | undefined, path: readonly (string | number)[]): string {
  const where = path.length === 0 ? 'the file' : `\`${path.join('.')}\``;
  if (problem?.keyword === 'additionalProperties') {
    return `${where} has an unknown field \`${problem.params.additionalProperty}\``;
  }
  if (problem?.keyword === 'enum')
    return `${where} must be one of ${problem.params.allowedValues.join(', ')}`;
  return `${where} ${problem?.message ?? 'is not right'}`;
}
