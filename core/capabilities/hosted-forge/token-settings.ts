import { operatorSecret, text } from './credentials.ts';
import { invalidForgeSetting } from './errors.ts';
import { apiBase } from './place.ts';

type Block = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** What the operator decides about a forge that is asked with a token. */
export interface TokenSettings {
  /** Of the host, without a slash at the end; undefined where none is set. */
  readonly baseUrl: string | undefined;
  /** For one request, in milliseconds. */
  readonly timeoutMs: number;
  /** Read anew each time. Undefined where there is none. */
  readonly token: () => string | undefined;
  readonly webhookSecret: () => string | undefined;
}

export interface TokenVariables {
  readonly baseUrl: string;
  /** The first that is there counts. */
  readonly token: readonly string[];
  readonly webhookSecret: string;
}

const names = [
  'baseUrl',
  'timeoutMs',
  'tokenVariable',
  'tokenFile',
  'webhookSecretVariable',
  'webhookSecretFile',
];
const secrets = ['token', 'webhookSecret'];

/** Checks the operator's block for a plugin. Throws `InvalidForgeSetting`; never shows a secret. */
export function tokenSettings(
  plugin: string,
  block: Block,
  environment: Environment,
  variables: TokenVariables,
): TokenSettings {
  const where = (setting: string) => `plugins.${plugin}.${setting}`;
  const secret = (name: string, of: readonly string[]) =>
    operatorSecret(plugin, block, name, environment, of);
  for (const name of Object.keys(block)) {
    if (secrets.includes(name)) secret(name, []);
    if (!names.includes(name)) {
      throw invalidForgeSetting(where(name), `is not a setting: ${names.join(', ')} are`);
    }
  }
  const baseUrl = text(block, 'baseUrl', where) ?? environment[variables.baseUrl];
  const timeoutMs = block.timeoutMs ?? 30_000;
  // setTimeout takes 31 bits.
  if (
    typeof timeoutMs !== 'number' ||
    !Number.isInteger(timeoutMs) ||
    timeoutMs < 1 ||
    timeoutMs >= 2 ** 31
  ) {
    throw invalidForgeSetting(where('timeoutMs'), 'must be a whole number of milliseconds');
  }
  return {
    baseUrl: baseUrl && apiBase(baseUrl, where('baseUrl')),
    timeoutMs,
    token: () => secret('token', variables.token),
    webhookSecret: () => secret('webhookSecret', [variables.webhookSecret]),
  };
}
