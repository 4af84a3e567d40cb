/** What a program is told to show an HTTP server: where its credentials come from, and that they travel safely. */

export interface SecretName {
  readonly name: string;
  readonly key: string;
}

export interface CredentialSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gives a secret by its name. Absent where there are none. */
  readonly secret?: (named: SecretName) => Promise<{ reveal(): string }>;
  /** Makes the error for a setting that makes no sense: `servers.default.url must be https`. */
  readonly refuse: (setting: string, reason: string) => Error;
}

type Fields = Readonly<Record<string, unknown>>;

/** The `Authorization` header to send, read anew each time; undefined where there is none to send. */
export type Authorization = () => Promise<string | undefined>;

/** The settings that `authorizationOf` understands. */
export const credentialFields = ['tokenVariable', 'token', 'username', 'passwordVariable', 'password'];

/**
 * Reads a bearer token or a name and password out of settings: from environment variables (`tokenVariable`,
 * `passwordVariable`) or from secrets (`token: { secretRef }`, `password: { secretRef }`). Throws what `refuse` makes: for what
 * makes no sense, and where credentials would travel in clear.
 */
export function authorizationOf(
  settings: Fields,
  at: string,
  server: { readonly url: string /** The setting that gives it. */; readonly from: string },
  sources: CredentialSources,
): Authorization {
  const { username } = settings;
  const token = credentialOf(settings, 'token', at, sources);
  const password = credentialOf(settings, 'password', at, sources);
  if (token === undefined && password === undefined && username === undefined) return async () => undefined;
  if (!travelsSafely(server.url)) {
    throw sources.refuse(server.from, 'must be https, or its credentials would travel in clear');
  }
  if (token !== undefined) {
    if (password !== undefined || username !== undefined) {
      throw sources.refuse(`${at}.username`, 'cannot stand beside a token');
    }
    return async () => {
      const text = await token();
      return text ? `Bearer ${text}` : undefined;
    };
  }
  if (typeof username !== 'string' || username === '' || username.includes(':')) {
    throw sources.refuse(`${at}.username`, 'must be a name without a colon');
  }
  if (password === undefined) {
    throw sources.refuse(`${at}.passwordVariable`, 'must be the name of an environment variable');
  }
  return async () => `Basic ${Buffer.from(`${username}:${(await password()) ?? ''}`).toString('base64')}`;
}

/** Over https, or to this machine. */
export function travelsSafely(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/** A time limit in milliseconds that `setTimeout` can hold. */
export function timeoutOf(value: unknown, at: string, refuse: CredentialSources['refuse']): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value < 2 ** 31) return value;
  throw refuse(at, 'must be a whole number of milliseconds');
}

type Holder = () => Promise<string | undefined>;

/**
 * Reads what `name` (or `<name>Variable`) of the settings stands for, anew each time: from a secret (`token: { secretRef }`) or an
 * environment variable. Undefined where the settings say neither. Throws what `refuse` makes.
 */
export function credentialOf(
  settings: Fields,
  name: string,
  at: string,
  { environment, secret, refuse }: CredentialSources,
): Holder | undefined {
  const { [`${name}Variable`]: variable, [name]: named } = settings;
  if (variable !== undefined && named !== undefined) {
    throw refuse(`${at}.${name}`, `cannot stand beside ${name}Variable`);
  }
  if (variable !== undefined) {
    if (typeof variable !== 'string' || !/^[A-Za-z_]\w*$/.test(variable)) {
      throw refuse(`${at}.${name}Variable`, 'must be the name of an environment variable');
    }
    return async () => environment[variable];
  }
  if (named === undefined) return undefined;
  const ref = secretRefIn(named);
  if (ref === undefined) {
    throw refuse(`${at}.${name}`, 'must be { secretRef: { name, key } }, never the credential itself');
  }
  if (secret === undefined) throw refuse(`${at}.${name}`, 'needs the plugin secrets in platform.yaml');
  return async () => (await secret(ref)).reveal();
}

/** What opens an object storage that speaks S3. */
export interface StorageKeys {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

const storageKeyNames = ['accessKey', 'secretKey', 'sessionToken'];

/** The settings that `storageKeysOf` understands. */
export const storageKeyFields = storageKeyNames.flatMap((name) => [name, `${name}Variable`]);

/**
 * Reads the keys that the settings name, or else those of the usual variables (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
 * `AWS_SESSION_TOKEN`), anew each time; undefined where one is empty or not there. Throws what `refuse` makes.
 */
export function storageKeysOf(
  settings: Fields,
  at: string,
  sources: CredentialSources,
): () => Promise<StorageKeys | undefined> {
  const isNamed = (name: string) => name in settings || `${name}Variable` in settings;
  const read = (name: string, usual: string) =>
    credentialOf(isNamed(name) ? settings : { [`${name}Variable`]: usual }, name, at, sources);
  const accessKey = read('accessKey', 'AWS_ACCESS_KEY_ID');
  const secretKey = read('secretKey', 'AWS_SECRET_ACCESS_KEY');
  // A token belongs to its keys: that of the environment fits none of another place.
  const isOwn = isNamed('accessKey') || isNamed('secretKey');
  const sessionToken =
    isOwn && !isNamed('sessionToken') ? undefined : read('sessionToken', 'AWS_SESSION_TOKEN');
  return async () => {
    const [access, secret, token] = [await accessKey?.(), await secretKey?.(), await sessionToken?.()];
    if (!access || !secret) return undefined;
    return { accessKey: access, secretKey: secret, ...(token ? { sessionToken: token } : {}) };
  };
}

function secretRefIn(value: unknown): SecretName | undefined {
  const { secretRef, ...others } = record(value);
  const { name, key, ...more } = record(secretRef);
  if (Object.keys(others).length + Object.keys(more).length > 0) return undefined;
  return typeof name === 'string' && typeof key === 'string' ? { name, key } : undefined;
}

function record(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
