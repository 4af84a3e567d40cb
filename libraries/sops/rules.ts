import { RE2JS } from 're2js';
import { SopsError } from './error.ts';

/** Which values of a file are encrypted: by one rule. */
export interface Rule {
  readonly type: 'unencrypted_suffix' | 'encrypted_suffix' | 'unencrypted_regex' | 'encrypted_regex';
  readonly text: string;
}

export const ruleTypes = [
  'unencrypted_suffix',
  'encrypted_suffix',
  'unencrypted_regex',
  'encrypted_regex',
] as const;

/** What SOPS takes where nothing is said. */
export const defaultRule: Rule = { type: 'unencrypted_suffix', text: '_unencrypted' };

/** Tells for the path of a value whether it is encrypted. Throws `SopsError` for a rule that is none. */
export function encryptionOf({ type, text }: Rule): (path: readonly (string | number)[]) => boolean {
  const meets = type.endsWith('_suffix') ? (step: string) => step.endsWith(text) : expression(text);
  const isEncrypted = !type.startsWith('un');
  return (path) => path.some((step) => typeof step === 'string' && meets(step)) === isEncrypted;
}

/** In the dialect of Go, and in linear time: the expression comes from a file that anybody may have written. */
function expression(text: string): (step: string) => boolean {
  try {
    const compiled = RE2JS.compile(text);
    return (step) => compiled.matcher(step).find();
  } catch (cause) {
    throw new SopsError('malformed', 'the rule of what is encrypted is no regular expression', { cause });
  }
}
