/** A place that looks like a secret. The secret itself is not part of it. */
export interface SecretPlace {
  /** Which sort: `github`, `aws`, `privatekey`. */
  readonly sort: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

const preset = '@secretlint/secretlint-rule-preset-recommend';

/** Looks for credentials in a text, by the rules that secretlint recommends (tokens, keys, connection strings). */
export async function secretsIn(path: string, text: string): Promise<readonly SecretPlace[]> {
  const { lintSource } = await import('@secretlint/core');
  const { creator } = await import('@secretlint/secretlint-rule-preset-recommend');
  const { messages } = await lintSource({
    source: { filePath: path, content: text, contentType: 'text', ext: extensionOf(path) },
    options: { config: { rules: [{ id: preset, rule: creator, options: {} }] }, maskSecrets: true },
  });
  return messages.map(({ ruleId, loc }) => ({
    sort: ruleId.replace(/^.*secretlint-rule-/, ''),
    line: loc.start.line,
    column: loc.start.column + 1,
  }));
}

function extensionOf(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0] ?? '';
}
