import { RE2JS } from 're2js';
import type { Labels } from '../../../core/capabilities/notifier.ts';

/** One condition on a label, in Alertmanager's words: `severity="critical"`. A label that is not there is empty. */
export interface Matcher {
  readonly source: string;
  matches(labels: Labels): boolean;
}

const shape = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*(.*?)\s*$/s;

/** Reads a matcher, or says what is wrong with it. Regular expressions are RE2 and must match the whole value. */
export function parseMatcher(source: string): Matcher | { readonly problem: string } {
  const [, name, operator, written = ''] = shape.exec(source) ?? [];
  if (name === undefined) {
    return { problem: `\`${source}\` is no matcher: write label="value", or with !=, =~ or !~` };
  }
  const value = unquoted(written);
  if (value === undefined) return { problem: `in \`${source}\` the quotes do not fit` };
  const isNegative = operator === '!=' || operator === '!~';
  if (operator === '=' || operator === '!=') {
    return { source, matches: (labels) => (own(labels, name) === value) !== isNegative };
  }
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(value);
  } catch (error) {
    return { problem: `in \`${source}\` the regular expression is wrong: ${(error as Error).message}` };
  }
  return { source, matches: (labels) => pattern.matches(own(labels, name)) !== isNegative };
}

/** Whether all of them hold. */
export function allMatch(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(labels));
}

/** Those that can be read: problems were told where the manifest was checked. */
export function readMatchers(sources: readonly string[] = []): readonly Matcher[] {
  return sources.map((source) => {
    const matcher = parseMatcher(source);
    // What cannot be read takes nothing, rather than all.
    return 'problem' in matcher ? { source, matches: () => false } : matcher;
  });
}

function own(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

function unquoted(text: string): string | undefined {
  if (!text.startsWith('"')) return text.includes('"') ? undefined : text;
  if (!/^"(?:[^"\\]|\\.)*"$/s.test(text)) return undefined;
  return text.slice(1, -1).replaceAll(/\\(.)/gs, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}
