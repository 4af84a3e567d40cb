import { isAbsolute } from 'node:path';
import { invalidSecretSetting } from '../../core/capabilities/secret-store-errors.ts';

/** What the operator of this machine decides, never the registry: the block `secrets` of their configuration. */
export interface SecretSettings {
  /** Which environment variables a Secret may name; `*` at an end stands for any rest. */
  readonly variables: readonly string[];
  /** The folder below which a Secret may name files. */
  readonly folder: string;
  /** The file of age identities; undefined: where sops looks for it. */
  readonly ageKeyFile: string | undefined;
}

type Block = Readonly<Record<string, unknown>>;

const plugin = 'secrets';
const names = ['env', 'file', 'sops', 'vault'];

/** Checks the operator's block. Throws `InvalidSecretSetting`; never shows a value of it. */
export function secretSettings(block: Block): SecretSettings {
  refuseOthers(block, plugin, names);
  const env = blockOf(block, 'env', ['allow']);
  const file = blockOf(block, 'file', ['folder']);
  const { allow = ['SWITCHYARD_SECRET_*'] } = env;
  if (!Array.isArray(allow) || !allow.every((one) => /^[A-Z_][A-Z0-9_]*\*?$/.test(String(one)))) {
    throw invalidSecretSetting(`${plugin}.env.allow`, 'must list variables, as PROMETHEUS_TOKEN or ML_*');
  }
  const { folder = '/run/secrets' } = file;
  if (typeof folder !== 'string' || !isAbsolute(folder)) {
    throw invalidSecretSetting(`${plugin}.file.folder`, 'must be an absolute path');
  }
  const { ageKeyFile } = blockOf(block, 'sops', ['ageKeyFile']);
  if (ageKeyFile !== undefined && (typeof ageKeyFile !== 'string' || !isAbsolute(ageKeyFile))) {
    throw invalidSecretSetting(`${plugin}.sops.ageKeyFile`, 'must be an absolute path');
  }
  return { variables: allow, folder, ageKeyFile };
}

function blockOf(block: Block, name: string, fields: readonly string[]): Block {
  const { [name]: value = {} } = block;
  const at = `${plugin}.${name}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidSecretSetting(at, `must be { ${fields.join(', ')} }`);
  }
  refuseOthers(value as Block, at, fields);
  return value as Block;
}

function refuseOthers(block: Block, at: string, fields: readonly string[]): void {
  const other = Object.keys(block).find((name) => !fields.includes(name));
  if (other === undefined) return;
  throw invalidSecretSetting(`${at}.${other}`, `is not a setting: ${fields.join(', ')} are`);
}
