import { readFileSync } from 'node:fs';
import { messageOf } from '../../plugin.ts';
import { invalidForgeSetting } from './errors.ts';

type Block = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a secret of the operator where its setting says: `<name>Variable` names an environment variable, `<name>File` a file.
 * Where neither is set, the first of `variables` that is there. Undefined where there is none. It is read anew each time, so
 * that a changed file is noticed. A secret in the settings themselves is refused: such files are shown and committed.
 * Throws `InvalidForgeSetting`.
 */
export function operatorSecret(
  plugin: string,
  block: Block,
  name: string,
  environment: Environment,
  variables: readonly string[],
): string | undefined {
  const where = (setting: string) => `plugins.${plugin}.${setting}`;
  if (name in block) {
    const instead = `use ${name}Variable or ${name}File`;
    throw invalidForgeSetting(where(name), `would hold a secret in plain text: ${instead}`);
  }
  const variable = text(block, `${name}Variable`, where);
  if (variable !== undefined) return environment[variable] || undefined;
  const file = text(block, `${name}File`, where);
  if (file !== undefined) return contentOf(file, where(`${name}File`));
  for (const each of variables) if (environment[each]) return environment[each];
  return undefined;
}

/** A setting that is a text. Throws `InvalidForgeSetting`. */
export function text(block: Block, name: string, where: (setting: string) => string): string | undefined {
  const value = block[name];
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw invalidForgeSetting(where(name), 'must be a text');
}

function contentOf(file: string, where: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    throw invalidForgeSetting(where, `names a file that cannot be read: ${messageOf(error)}`);
  }
}
