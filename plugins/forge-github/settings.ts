import {
  apiBase,
  invalidForgeSetting,
  operatorSecret,
  text,
} from '../../core/capabilities/hosted-forge/index.ts';

type Block = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** What the operator of this machine decides, never the registry: the block `forge-github` of their configuration. */
export interface GitHubSettings {
  /** Of the REST API, without a slash at the end; undefined: the one of github.com. */
  readonly baseUrl: string | undefined;
  /** For one request, in milliseconds. */
  readonly timeoutMs: number;
  /** Read anew each time. Undefined where there are none. */
  readonly credentials: () => Credentials | undefined;
  readonly webhookSecret: () => string | undefined;
}

export type Credentials =
  | { readonly type: 'token'; readonly token: string }
  | {
      readonly type: 'app';
      /** The App's id or client id. */
      readonly appId: string;
      /** PEM. */
      readonly privateKey: string;
      /** Asked for where it is not set. */
      readonly installationId: number | undefined;
    };

const names = [
  'baseUrl',
  'timeoutMs',
  'tokenVariable',
  'tokenFile',
  'appId',
  'installationId',
  'privateKeyVariable',
  'privateKeyFile',
  'webhookSecretVariable',
  'webhookSecretFile',
];
const secrets = ['token', 'privateKey', 'webhookSecret'];

/** Checks the operator's block. Throws `InvalidForgeSetting`; never shows a secret. */
export function gitHubSettings(block: Block, environment: Environment): GitHubSettings {
  for (const name of Object.keys(block)) {
    if (!names.includes(name) && !secrets.includes(name)) {
      throw invalidForgeSetting(where(name), `is not a setting: ${names.join(', ')} are`);
    }
  }
  const secret = (name: string, ...variables: string[]) =>
    operatorSecret('forge-github', block, name, environment, variables);
  for (const name of secrets) if (name in block) secret(name);
  const baseUrl = text(block, 'baseUrl', where) ?? environment.SWITCHYARD_GITHUB_API;
  const installationId = block.installationId;
  if (installationId !== undefined && !isCount(installationId)) {
    throw invalidForgeSetting(where('installationId'), 'must be a whole number');
  }
  const timeoutMs = block.timeoutMs ?? 30_000;
  if (!isCount(timeoutMs))
    throw invalidForgeSetting(where('timeoutMs'), 'must be a whole number of milliseconds');
  return {
    baseUrl: baseUrl && apiBase(baseUrl, where('baseUrl')),
    timeoutMs,
    credentials() {
      const appId = appIdOf(block, environment);
      if (appId !== undefined) {
        const privateKey = secret('privateKey', 'SWITCHYARD_GITHUB_APP_PRIVATE_KEY');
        if (privateKey === undefined) {
          throw invalidForgeSetting(where('privateKeyFile'), 'must name the private key of the App');
        }
        return { type: 'app', appId, privateKey, installationId };
      }
      const token = secret('token', 'SWITCHYARD_GITHUB_TOKEN', 'GITHUB_TOKEN');
      return token === undefined ? undefined : { type: 'token', token };
    },
    webhookSecret: () => secret('webhookSecret', 'SWITCHYARD_GITHUB_WEBHOOK_SECRET'),
  };
}

function appIdOf(block: Block, environment: Environment): string | undefined {
  if (isCount(block.appId)) return String(block.appId);
  return text(block, 'appId', where) ?? environment.SWITCHYARD_GITHUB_APP_ID;
}

function where(setting: string): string {
  return `plugins.forge-github.${setting}`;
}

// setTimeout takes 31 bits.
function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value < 2 ** 31;
}
