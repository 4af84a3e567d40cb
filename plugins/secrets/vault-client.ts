import type { SecretValue } from '../../core/capabilities/secret-store.ts';
import { secretRefused, secretStoreUnreachable } from '../../core/capabilities/secret-store-errors.ts';
import { politeFetch } from '../../libraries/polite-fetch/index.ts';
import type { VaultSettings } from './vault-settings.ts';

export interface VaultAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** What Vault says went wrong, without what was sent. */
  readonly errors: string;
}

export interface VaultRequest {
  readonly method?: 'GET' | 'POST';
  /** After `/v1/`. */
  readonly path: string;
  readonly token?: SecretValue;
  readonly body?: Readonly<Record<string, string>>;
  /** Texts in the body that must not be repeated. */
  readonly hidden?: readonly SecretValue[];
}

export type VaultClient = (request: VaultRequest, signal: AbortSignal) => Promise<VaultAnswer>;

/** Secrets are small. */
const largestAnswer = 4 * 1024 * 1024;

/** Speaks HTTP to one Vault. Throws where it cannot answer now, and says so when it is sealed. */
export function vaultClient(address: string, { namespace, timeoutMs }: VaultSettings): VaultClient {
  const send = politeFetch({
    timeoutMs,
    largestAnswer,
    retries: 1,
    explain: ({ where, reason, isLasting }) =>
      isLasting
        ? secretRefused(where, reason, "See that the operator's address of Vault is the one of Vault itself.")
        : secretStoreUnreachable(where, reason),
  });

  async function ask(request: VaultRequest, signal: AbortSignal): Promise<VaultAnswer> {
    const { method = 'GET', path, token, body, hidden = [] } = request;
    const answer = await send(`${address}/v1/${path}`, {
      method,
      signal,
      headers: {
        accept: 'application/json',
        'x-vault-request': 'true',
        ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
        // Vault takes it here as in a header of its own, and what is said of a failure is kept free of it.
        ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const parsed = parse(await answer.text());
    const errors = Array.isArray(parsed.errors) ? parsed.errors.map(String).join('; ').slice(0, 300) : '';
    const clean = hidden.reduce((text, secret) => secret.hideIn(text), errors);
    return { status: answer.status, body: parsed, errors: clean };
  }

  return async (request, signal) => {
    try {
      return await ask(request, signal);
    } catch (error) {
      signal.throwIfAborted();
      const seal = await ask({ path: 'sys/seal-status' }, signal).catch(() => undefined);
      if (seal?.body.sealed !== true) throw error;
      throw secretStoreUnreachable(address, 'Vault is sealed, until somebody unseals it', error);
    }
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
