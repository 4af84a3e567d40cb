import { readFile } from 'node:fs/promises';
import { SecretValue } from '../../core/capabilities/secret-store.ts';
import { secretMissing, secretRefused } from '../../core/capabilities/secret-store-errors.ts';
import type { VaultAnswer, VaultClient, VaultRequest } from './vault-client.ts';
import type { Holder, VaultLogin } from './vault-settings.ts';

/** A token and how long it is good. */
interface Lease {
  readonly token: SecretValue;
  readonly isRenewable: boolean;
  /** Milliseconds since 1970; infinity for one that does not end. */
  readonly from: number;
  readonly until: number;
}

interface SessionOptions {
  readonly client: VaultClient;
  readonly address: string;
  readonly login: VaultLogin;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

/** After this share of its time a token is renewed, so that a failure or two cost nothing. */
const renewAfter = 2 / 3;

/** Below this a renewed token is near the end that its role allows, and a new login is better. Milliseconds. */
const tooShort = 10_000;

/** One token for all questions: logged in once, renewed in time, and anew when it ends. */
export class VaultSession {
  readonly #options: SessionOptions;
  #lease: Lease | undefined;
  /** Who comes while a login is under way waits for that one. */
  #opening: Promise<Lease> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Asks with a token that is good, and once more with a new one where it was revoked. */
  async ask(request: Omit<VaultRequest, 'token'>, signal: AbortSignal): Promise<VaultAnswer> {
    const lease = await this.#good(signal);
    const answer = await this.#options.client({ ...request, token: lease.token }, signal);
    if (answer.status !== 403) return answer;
    // That the policy forbids it and that the token was revoked look the same, until the token is asked about itself.
    const self = await this.#options.client({ path: 'auth/token/lookup-self', token: lease.token }, signal);
    if (self.status === 200) return answer;
    if (this.#lease === lease) this.#lease = undefined;
    const next = await this.#good(signal);
    return this.#options.client({ ...request, token: next.token }, signal);
  }

  /** Renews the token when its time has come, whoever asks or not: one that was given and ends is good for no login. */
  async keep(signal: AbortSignal): Promise<void> {
    const lease = this.#lease;
    if (lease === undefined || !lease.isRenewable || this.#options.now() >= lease.until) return;
    // What goes wrong is told by the next read.
    await this.#good(signal).catch(() => undefined);
  }

  #good(signal: AbortSignal): Promise<Lease> {
    const lease = this.#lease;
    const now = this.#options.now();
    if (lease !== undefined && now < lease.from + (lease.until - lease.from) * renewAfter) {
      return Promise.resolve(lease);
    }
    // Not with the signal of one of those who wait: the others still need it.
    this.#opening ??= this.#open(lease, AbortSignal.timeout(60_000)).finally(() => {
      this.#opening = undefined;
    });
    return orAborted(this.#opening, signal);
  }

  async #open(lease: Lease | undefined, signal: AbortSignal): Promise<Lease> {
    const renewed = lease === undefined ? undefined : await this.#renew(lease, signal);
    this.#lease = renewed ?? (await this.#logIn(signal));
    return this.#lease;
  }

  /** Undefined where a login is needed. While Vault is down, a token that is still good goes on. */
  async #renew(lease: Lease, signal: AbortSignal): Promise<Lease | undefined> {
    const now = this.#options.now();
    if (!lease.isRenewable || now >= lease.until) return undefined;
    const request = { method: 'POST', path: 'auth/token/renew-self', token: lease.token, body: {} } as const;
    const answer = await this.#options.client(request, signal).catch(() => undefined);
    if (answer === undefined) return lease;
    const renewed = answer.status === 200 ? leaseOf(answer.body.auth, now) : undefined;
    return renewed !== undefined && renewed.until - now >= tooShort ? renewed : undefined;
  }

  async #logIn(signal: AbortSignal): Promise<Lease> {
    const { login, client, address } = this.#options;
    const now = this.#options.now();
    if (login.type === 'token') return this.#lookUp(await this.#read(login.token), now, signal);
    const [path, secret, body] =
      login.type === 'appRole'
        ? await this.#read(login.secretId).then(
            (secret) =>
              [
                `auth/${login.mount}/login`,
                secret,
                { role_id: login.roleId, secret_id: secret.reveal() },
              ] as const,
          )
        : await this.#read(login.jwt).then(
            (secret) =>
              [`auth/${login.mount}/login`, secret, { role: login.role, jwt: secret.reveal() }] as const,
          );
    const {
      status,
      body: told,
      errors,
    } = await client({ method: 'POST', path, body, hidden: [secret] }, signal);
    const lease = status === 200 ? leaseOf(told.auth, now) : undefined;
    if (lease !== undefined) return lease;
    const said = errors === '' ? `Vault answers ${status}` : `Vault answers ${status}: ${errors}`;
    throw secretRefused(
      `${address}/v1/${path}`,
      `this machine cannot log in: ${said}`,
      'See plugins.secrets.vault of the operator: the role, its mount, and what holds its credential.',
    );
  }

  /** A token that was given: how long it is good, only Vault knows. */
  async #lookUp(token: SecretValue, now: number, signal: AbortSignal): Promise<Lease> {
    const { client, address } = this.#options;
    const path = 'auth/token/lookup-self';
    const { status, body, errors } = await client({ path, token, hidden: [token] }, signal);
    if (status === 200) {
      const { ttl, renewable } = (body.data ?? {}) as {
        readonly ttl?: unknown;
        readonly renewable?: unknown;
      };
      const seconds = typeof ttl === 'number' && ttl > 0 ? ttl : Number.POSITIVE_INFINITY;
      return { token, isRenewable: renewable === true, from: now, until: now + seconds * 1000 };
    }
    throw secretRefused(
      `${address}/v1/${path}`,
      `Vault does not take the token (${status}${errors === '' ? '' : `: ${errors}`})`,
      'Give the platform a new one: VAULT_TOKEN, or what plugins.secrets.vault names.',
    );
  }

  async #read(holder: Holder): Promise<SecretValue> {
    if ('variable' in holder) {
      const text = this.#options.environment[holder.variable];
      if (text) return new SecretValue(text);
      const reason = `the environment variable ${holder.variable}, which holds the login to Vault, is not set`;
      throw secretMissing(
        holder.variable,
        reason,
        'Set it, or name another login under plugins.secrets.vault.',
      );
    }
    try {
      return new SecretValue((await readFile(holder.file, 'utf8')).trim());
    } catch (error) {
      const { code } = error as { readonly code?: string };
      const reason = `the file that holds the login to Vault cannot be read (${code})`;
      throw secretMissing(
        holder.file,
        reason,
        'Mount it, or name another login under plugins.secrets.vault.',
      );
    }
  }
}

function leaseOf(auth: unknown, now: number): Lease | undefined {
  const { client_token, lease_duration, renewable } = (auth ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof client_token !== 'string' || client_token === '') return undefined;
  const seconds =
    typeof lease_duration === 'number' && lease_duration > 0 ? lease_duration : Number.POSITIVE_INFINITY;
  return {
    token: new SecretValue(client_token),
    isRenewable: renewable === true,
    from: now,
    until: now + seconds * 1000,
  };
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
