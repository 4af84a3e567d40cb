import { isAbsolute } from 'node:path';
import { invalidSecretSetting } from '../../core/capabilities/secret-store-errors.ts';

/** Where Vault is and who this machine is to it: the operator's block `secrets.vault`. */
export interface VaultSettings {
  /** Without a slash at its end; undefined where this machine knows none. */
  readonly address: string | undefined;
  readonly namespace: string | undefined;
  readonly login: VaultLogin;
  /** For one request, in milliseconds. */
  readonly timeoutMs: number;
}

/** Credentials by the name of what holds them: each is read anew whenever it is needed. */
export type VaultLogin =
  | { readonly type: 'token'; readonly token: Holder }
  | { readonly type: 'appRole'; readonly mount: string; readonly roleId: string; readonly secretId: Holder }
  | { readonly type: 'jwt'; readonly mount: string; readonly role: string; readonly jwt: Holder };

export type Holder = { readonly variable: string } | { readonly file: string };

type Block = Readonly<Record<string, unknown>>;

const at = 'secrets.vault';
const fields = ['address', 'namespace', 'timeoutMs', 'tokenVariable', 'tokenFile', 'appRole', 'jwt'];

/** Checks the block. Throws `InvalidSecretSetting`; never shows a credential. */
export function vaultSettings(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): VaultSettings {
  const block = record(value ?? {}, at, fields);
  const { timeoutMs = 10_000, namespace = environment.VAULT_NAMESPACE || undefined } = block;
  if (
    typeof timeoutMs !== 'number' ||
    !Number.isInteger(timeoutMs) ||
    timeoutMs < 1 ||
    timeoutMs >= 2 ** 31
  ) {
    throw invalidSecretSetting(`${at}.timeoutMs`, 'must be a whole number of milliseconds');
  }
  if (namespace !== undefined && (typeof namespace !== 'string' || !/^[\w./-]+$/.test(namespace))) {
    throw invalidSecretSetting(`${at}.namespace`, 'must be the path of a namespace');
  }
  return {
    address: addressOf(block.address ?? (environment.VAULT_ADDR || undefined)),
    namespace,
    login: loginOf(block),
    timeoutMs,
  };
}

function addressOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  let url: URL;
  try {
    url = new URL(String(value));
  } catch {
    throw invalidSecretSetting(`${at}.address`, 'must be a URL, as https://vault.example.com:8200');
  }
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)) {
    throw invalidSecretSetting(`${at}.address`, 'must be https, or secrets would travel in clear');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw invalidSecretSetting(`${at}.address`, 'must hold no user, password or query');
  }
  return url.href.replace(/\/+$/, '');
}

function loginOf(block: Block): VaultLogin {
  const given = ['appRole', 'jwt', 'tokenVariable', 'tokenFile'].filter((name) => block[name] !== undefined);
  if (given.length > 1) {
    throw invalidSecretSetting(`${at}.${given[1]}`, `cannot stand beside ${given[0]}: there is one login`);
  }
  if (block.appRole !== undefined) {
    const where = `${at}.appRole`;
    const role = record(block.appRole, where, ['mount', 'roleId', 'secretIdVariable', 'secretIdFile']);
    return {
      type: 'appRole',
      mount: mountOf(role, where, 'approle'),
      roleId: textOf(role, 'roleId', where),
      secretId: holderOf(role, 'secretId', where),
    };
  }
  if (block.jwt !== undefined) {
    const where = `${at}.jwt`;
    const jwt = record(block.jwt, where, ['mount', 'role', 'jwtVariable', 'jwtFile']);
    return {
      type: 'jwt',
      mount: mountOf(jwt, where, 'jwt'),
      role: textOf(jwt, 'role', where),
      jwt: holderOf(jwt, 'jwt', where),
    };
  }
  const token = given.length === 0 ? { variable: 'VAULT_TOKEN' } : holderOf(block, 'token', at);
  return { type: 'token', token };
}

function holderOf(block: Block, name: string, where: string): Holder {
  const [variable, file] = [block[`${name}Variable`], block[`${name}File`]];
  if (typeof variable === 'string' && file === undefined && /^[A-Za-z_]\w*$/.test(variable))
    return { variable };
  if (typeof file === 'string' && variable === undefined && isAbsolute(file)) return { file };
  const reason = 'must name an environment variable, or the other an absolute path';
  throw invalidSecretSetting(`${where}.${name}Variable`, reason);
}

function mountOf(block: Block, where: string, usual: string): string {
  const { mount = usual } = block;
  if (typeof mount === 'string' && /^[\w-]+(?:\/[\w-]+)*$/.test(mount)) return mount;
  throw invalidSecretSetting(`${where}.mount`, `must be the path of a login method, as ${usual}`);
}

function textOf(block: Block, name: string, where: string): string {
  const { [name]: value } = block;
  if (typeof value === 'string' && value !== '') return value;
  throw invalidSecretSetting(`${where}.${name}`, 'must be a text');
}

function record(value: unknown, where: string, names: readonly string[]): Block {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidSecretSetting(where, `must be { ${names.join(', ')} }`);
  }
  const other = Object.keys(value).find((name) => !names.includes(name));
  if (other === undefined) return value as Block;
  throw invalidSecretSetting(`${where}.${other}`, `is not a setting: ${names.join(', ')} are`);
}
