import type { Octokit } from '@octokit/core';
import type { PaginateInterface } from '@octokit/plugin-paginate-rest';
import { forgeRefused, forgeUnavailable } from '../../core/capabilities/forge-errors.ts';
import { isCodedError, messageOf } from '../../core/plugin.ts';
import { politeFetch } from '../../libraries/polite-fetch/index.ts';
import type { Credentials, GitHubSettings } from './settings.ts';

type PagingOctokit = Octokit & { readonly paginate: PaginateInterface };

/** The REST API of one repository, with the operator's credentials. */
export interface GitHub {
  /** Named in the parameters of each request. */
  readonly repository: Place;
  /** `https://github.com/acme/registry` */
  readonly where: string;
  /** Throws `ForgeRefused` where the operator gave no credentials. */
  connect(): Promise<Connection>;
}

export interface Connection {
  readonly octokit: PagingOctokit;
  readonly isApp: boolean;
  /** The App's id, where it is a number. */
  readonly appId: number | undefined;
  /** The account that it acts as; undefined where GitHub does not tell. */
  self(): Promise<string | undefined>;
}

export interface Place {
  readonly owner: string;
  readonly repo: string;
}

export interface GitHubOptions extends Place {
  readonly settings: GitHubSettings;
  readonly fetch?: typeof fetch;
}

export function gitHub({ settings, owner, repo, fetch }: GitHubOptions): GitHub {
  const baseUrl = settings.baseUrl ?? 'https://api.github.com';
  const where = `${pageOf(baseUrl)}/${owner}/${repo}`;
  let connected: { readonly with: string; readonly connection: Promise<Connection> } | undefined;
  return {
    repository: { owner, repo },
    where,
    connect() {
      const credentials = settings.credentials();
      if (credentials === undefined) throw noCredentials(where);
      const name = JSON.stringify(credentials);
      if (connected?.with !== name) {
        const connection = open(credentials, { baseUrl, owner, repo, timeoutMs: settings.timeoutMs, fetch });
        connected = { with: name, connection };
        // The next call tries anew.
        connection.catch(() => (connected = undefined));
      }
      return connected.connection;
    },
  };
}

interface Opening extends Place {
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly fetch: typeof fetch | undefined;
}

async function open(credentials: Credentials, opening: Opening): Promise<Connection> {
  const { baseUrl, owner, repo, timeoutMs, fetch } = opening;
  const { Octokit } = await import('@octokit/core');
  const { paginateRest } = await import('@octokit/plugin-paginate-rest');
  const PagingOctokit = Octokit.plugin(paginateRest);
  const polite = politeFetch({
    timeoutMs,
    explain: ({ where, reason, isLasting, retryAfterMs }) =>
      isLasting
        ? forgeRefused(where, reason, 'Check the address of the API and the name of the repository.')
        : forgeUnavailable(where, reason, retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(fetch === undefined ? {} : { fetch }),
  });
  const shared = {
    baseUrl,
    userAgent: 'switchyard',
    log: silent,
    request: { fetch: polite },
    headers: { 'x-github-api-version': '2022-11-28' },
  };
  if (credentials.type === 'token') {
    const octokit = new PagingOctokit({ ...shared, auth: credentials.token });
    return { octokit, isApp: false, appId: undefined, self: once(() => userOf(octokit)) };
  }
  const { createAppAuth } = await import('@octokit/auth-app');
  const { appId, privateKey } = credentials;
  const app = new PagingOctokit({ ...shared, authStrategy: createAppAuth, auth: { appId, privateKey } });
  const installationId = credentials.installationId ?? (await installationOf(app, owner, repo));
  const octokit = new PagingOctokit({
    ...shared,
    authStrategy: createAppAuth,
    auth: { appId, privateKey, installationId },
  });
  return {
    octokit,
    isApp: true,
    appId: /^\d+$/.test(appId) ? Number(appId) : undefined,
    self: once(async () => `${(await answered(app.request('GET /app'))).data?.slug}[bot]`),
  };
}

async function userOf(octokit: PagingOctokit): Promise<string | undefined> {
  // The token of a workflow belongs to nobody that this tells of.
  const answer = await refusable(octokit.request('GET /user'), 401, 403, 404);
  return answer instanceof Refusal ? undefined : answer.data.login;
}

async function installationOf(app: PagingOctokit, owner: string, repo: string): Promise<number> {
  const answer = await refusable(app.request('GET /repos/{owner}/{repo}/installation', { owner, repo }), 404);
  if (!(answer instanceof Refusal)) return answer.data.id;
  throw forgeRefused(
    `${owner}/${repo}`,
    'the App is not installed on this repository',
    'Install it: see docs/forges/github.md.',
  );
}

/** What GitHub answers with one of the statuses that the caller expects. */
export class Refusal {
  readonly status: number;
  readonly message: string;

  constructor(status: number, message: string) {
    this.status = status;
    this.message = message;
  }
}

/** An answer, or a refusal with one of those statuses. Throws `ForgeUnavailable` and, for other statuses, `ForgeRefused`. */
export async function refusable<T>(asking: Promise<T>, ...expected: number[]): Promise<T | Refusal> {
  try {
    return await asking;
  } catch (error) {
    const { cause, status, request } = error as {
      cause?: unknown;
      status?: number;
      request?: { method: string; url: string };
    };
    // What the polite fetch throws comes wrapped.
    if (isCodedError(cause)) throw cause;
    if (isCodedError(error) || status === undefined || request === undefined) throw error;
    const message = (messageOf(error).split(' - https://')[0] ?? '').slice(0, 300);
    const refusal = new Refusal(status, message);
    if (expected.includes(status)) return refusal;
    throw refused(`${request.method} ${request.url.split('?')[0]}`, refusal);
  }
}

/** An answer. Throws `ForgeUnavailable` and `ForgeRefused`. */
export async function answered<T>(asking: Promise<T>): Promise<T> {
  return (await refusable(asking)) as T;
}

export function refused(where: string, { status, message }: Refusal): Error {
  return forgeRefused(where, `${message} (${status})`, hintFor(status));
}

function hintFor(status: number): string {
  switch (status) {
    case 401:
      return 'The token or the private key is not valid (any more): give the operator’s settings a new one.';
    case 403:
      return 'The credentials lack a permission: docs/forges/github.md lists them.';
    case 404:
      return 'The repository is not there, or the credentials may not see it.';
    default:
      return 'See docs/forges/github.md.';
  }
}

function noCredentials(where: string): Error {
  return forgeRefused(
    where,
    'there are no credentials for it',
    'Set SWITCHYARD_GITHUB_TOKEN, or name a GitHub App: see plugins/forge-github/README.md.',
  );
}

/** The pages that belong to an API: `https://git.example.com/api/v3` is the API of `https://git.example.com`. */
function pageOf(baseUrl: string): string {
  return baseUrl === 'https://api.github.com' ? 'https://github.com' : baseUrl.replace(/\/api\/v3$/, '');
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask().catch((error) => {
      asked = undefined;
      throw error;
    });
    return asked;
  };
}

const ignore = () => {};
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };
