import { forgeRefused, forgeUnavailable } from '../../core/capabilities/forge-errors.ts';
import { Refusal, refusable, type TokenSettings } from '../../core/capabilities/hosted-forge/index.ts';
import { politeFetch } from '../../libraries/polite-fetch/index.ts';

/** The page that lists what the token must be allowed. */
export const page = 'docs/forges/gitea.md';

export interface Place {
  readonly owner: string;
  readonly repo: string;
}

/** The REST API of one repository, with the operator's token. */
export interface Gitea {
  /** `https://git.example.com/acme/registry` */
  readonly where: string;
  readonly repository: Place;
  /** Asks below `/repos/<owner>/<repo>`. Throws `ForgeUnavailable`, and `Refusal` for what Gitea refuses. */
  ask<T>(method: string, path: string, more?: Asking): Promise<T>;
  /** All pages of a list. */
  pages<T>(path: string, query?: Query): AsyncIterable<T>;
  /** Asks below the API itself. */
  askApi<T>(method: string, path: string): Promise<T>;
}

type Query = Readonly<Record<string, string | number>>;

interface Asking {
  readonly query?: Query;
  readonly body?: unknown;
}

export interface GiteaOptions extends Place {
  readonly settings: TokenSettings;
  readonly fetch?: typeof fetch;
}

export function gitea({ settings, owner, repo, fetch }: GiteaOptions): Gitea {
  const host = settings.baseUrl;
  const where = `${host ?? 'Gitea'}/${owner}/${repo}`;
  const polite = politeFetch({
    timeoutMs: settings.timeoutMs,
    explain: ({ where: at, reason, isLasting, retryAfterMs }) =>
      isLasting
        ? forgeRefused(at, reason, 'Check the address of Gitea and the name of the repository.')
        : forgeUnavailable(at, reason, retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(fetch === undefined ? {} : { fetch }),
  });

  async function answer(method: string, path: string, { query = {}, body }: Asking = {}): Promise<Response> {
    const token = settings.token();
    if (host === undefined || token === undefined) throw notConfigured(where, host);
    const url = new URL(`${host}/api/v1${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    const given = await polite(url, {
      method,
      headers: {
        accept: 'application/json',
        authorization: `token ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (given.ok) return given;
    throw new Refusal(given.status, messageIn(await given.text()), `${method} ${url.origin}${url.pathname}`);
  }

  const repository = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}`;
  const read = async <T>(given: Response) => {
    const text = await given.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  return {
    where,
    repository: { owner, repo },
    ask: async (method, path, more) => read(await answer(method, `${repository}${path}`, more)),
    askApi: async (method, path) => read(await answer(method, path)),
    async *pages(path, query = {}) {
      for (let number = 1; ; number++) {
        // Whoever runs it may allow fewer on a page: only `Link` says whether there is another.
        const given = await answer('GET', `${repository}${path}`, {
          query: { ...query, page: number, limit: 50 },
        });
        const items = (await given.json()) as never[];
        yield* items;
        if (items.length === 0 || !/rel="next"/.test(given.headers.get('link') ?? '')) return;
      }
    },
  };
}

/** An answer. Throws `ForgeUnavailable` and `ForgeRefused`. */
export async function answered<T>(asking: Promise<T>): Promise<T> {
  return (await refusable(page, asking)) as T;
}

/** An answer, or a refusal with one of those statuses. Throws `ForgeUnavailable` and `ForgeRefused`. */
export function tried<T>(asking: Promise<T>, ...expected: readonly number[]): Promise<T | Refusal> {
  return refusable(page, asking, ...expected);
}

/** All of a list, or a refusal with one of those statuses. */
export async function collected<T>(
  list: AsyncIterable<T>,
  ...expected: readonly number[]
): Promise<readonly T[] | Refusal> {
  const items: T[] = [];
  const all = async () => {
    for await (const item of list) items.push(item);
    return items;
  };
  return refusable(page, all(), ...expected);
}

/** A path below which slashes stay: branches and files. */
export function below(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' && message !== '' ? message : 'no reason is given';
  } catch {
    return 'no reason is given';
  }
}

function notConfigured(where: string, host: string | undefined): Error {
  return forgeRefused(
    where,
    host === undefined ? 'its address is not set' : 'there is no token for it',
    'Set SWITCHYARD_GITEA_URL and SWITCHYARD_GITEA_TOKEN: see plugins/forge-gitea/README.md.',
  );
}
