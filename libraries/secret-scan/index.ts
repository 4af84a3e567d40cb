/** Finds credentials in texts: what secretlint recommends to look for, and keys that it does not know. */

/** A place that looks like a secret. The secret itself is not part of it. */
export interface SecretPlace {
  /** Which sort: `github`, `aws`, `privatekey`. */
  readonly sort: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

const preset = '@secretlint/secretlint-rule-preset-recommend';

/** Keys of what this project's users keep secrets with. */
const others: readonly (readonly [sort: string, pattern: RegExp])[] = [
  ['age', /AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{20,}/gi],
  ['vault', /\bhv[sbr]\.[A-Za-z0-9_-]{20,}/g],
];

/** Looks for credentials in a text: tokens, keys, connection strings. By place. */
export async function secretsIn(path: string, text: string): Promise<readonly SecretPlace[]> {
  const { lintSource, creator } = await scanner();
  const { messages } = await lintSource({
    source: { filePath: path, content: text, contentType: 'text', ext: extensionOf(path) },
    options: { config: { rules: [{ id: preset, rule: creator, options: {} }] }, maskSecrets: true },
  });
  const known = messages.map(({ ruleId, loc }) => ({
    sort: ruleId.replace(/^.*secretlint-rule-/, ''),
    line: loc.start.line,
    column: loc.start.column + 1,
  }));
  return [...known, ...othersIn(text)].sort((a, b) => a.line - b.line || a.column - b.column);
}

async function scanner() {
  const { lintSource } = await import('@secretlint/core');
  const { creator } = await import('@secretlint/secretlint-rule-preset-recommend');
  const { secretLintProfiler } = await import('@secretlint/profiler');
  // It would time every rule on every text, keep all of that for the life of the process, and search it at each step.
  secretLintProfiler.mark = () => {};
  return { lintSource, creator };
}

function othersIn(text: string): readonly SecretPlace[] {
  return others.flatMap(([sort, pattern]) =>
    [...text.matchAll(pattern)].map(({ index }) => {
      const before = text.slice(0, index).split('\n');
      return { sort, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    }),
  );
}

function extensionOf(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0] ?? '';
}
