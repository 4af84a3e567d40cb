import {
  Branches,
  Commits,
  Events,
  MergeRequestApprovals,
  MergeRequestLabelEvents,
  MergeRequestNotes,
  MergeRequests,
  RepositoryFiles,
  Users,
} from '@gitbeaker/core';
import { createRequesterFn, type FormattedResponse, type RequestOptions } from '@gitbeaker/requester-utils';
import { forgeRefused, forgeUnavailable } from '../../core/capabilities/forge-errors.ts';
import { Refusal, type TokenSettings } from '../../core/capabilities/hosted-forge/index.ts';
import { politeFetch } from '../../libraries/polite-fetch/index.ts';

/** The REST API of one project, with the operator's token. All throw `Refusal` for what GitLab refuses. */
export interface GitLab {
  /** `group/sub/registry` */
  readonly project: string;
  /** `https://gitlab.com/group/sub/registry` */
  readonly where: string;
  readonly mergeRequests: MergeRequests;
  readonly notes: MergeRequestNotes;
  readonly labelEvents: MergeRequestLabelEvents;
  readonly approvals: MergeRequestApprovals;
  readonly commits: Commits;
  readonly branches: Branches;
  readonly files: RepositoryFiles;
  readonly events: Events;
  readonly users: Users;
}

export interface GitLabOptions {
  readonly settings: TokenSettings;
  readonly project: string;
  readonly fetch?: typeof fetch;
}

/** The page that lists what the token must be allowed. */
export const page = 'docs/forges/gitlab.md';

export function gitLab({ settings, project, fetch }: GitLabOptions): GitLab {
  const host = settings.baseUrl ?? 'https://gitlab.com';
  const where = `${host}/${project}`;
  const polite = politeFetch({
    timeoutMs: settings.timeoutMs,
    explain: ({ where: at, reason, isLasting, retryAfterMs }) =>
      isLasting
        ? forgeRefused(at, reason, 'Check the address of GitLab and the path of the project.')
        : forgeUnavailable(at, reason, retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(fetch === undefined ? {} : { fetch }),
  });
  // Gitbeaker's own way to the network repeats what changes something after a 502: this one does not.
  const requesterFn = createRequesterFn(
    async (_service, options) => options,
    (endpoint, options) => ask(polite, endpoint, options),
  );
  const options = {
    host,
    requesterFn: (service: Parameters<typeof requesterFn>[0]) => requesterFn({ ...service, rateLimits: {} }),
    // As a bearer, so that no redirect carries it on.
    oauthToken: async () => {
      const token = settings.token();
      if (token === undefined) throw noToken(where);
      return token;
    },
    queryTimeout: 0,
  };
  return {
    project,
    where,
    mergeRequests: new MergeRequests(options),
    notes: new MergeRequestNotes(options),
    labelEvents: new MergeRequestLabelEvents(options),
    approvals: new MergeRequestApprovals(options),
    commits: new Commits(options),
    branches: new Branches(options),
    files: new RepositoryFiles(options),
    events: new Events(options),
    users: new Users(options),
  };
}

async function ask(
  polite: typeof fetch,
  endpoint: string,
  options?: RequestOptions,
): Promise<FormattedResponse> {
  const { prefixUrl, searchParams, method = 'GET', headers = {}, body } = options ?? {};
  const base = `${prefixUrl ?? ''}`.replace(/\/*$/, '/');
  const url = new URL(endpoint, base);
  if (searchParams !== undefined) url.search = searchParams;
  const answer = await polite(url, {
    method,
    headers: { ...headers, accept: 'application/json' },
    // Gitbeaker gives an empty object to whatever is deleted.
    ...(body === undefined || method === 'DELETE' ? {} : { body: body as string }),
  });
  const text = await answer.text();
  const said = answer.headers.get('content-type')?.includes('json') && text !== '' ? JSON.parse(text) : text;
  if (!answer.ok) throw new Refusal(answer.status, messageIn(said), `${method} ${url.origin}${url.pathname}`);
  return { body: said, headers: Object.fromEntries(answer.headers), status: answer.status };
}

/** GitLab says what is wrong in several shapes: text, a list, or lists by field. */
function messageIn(said: unknown): string {
  if (typeof said !== 'object' || said === null) return String(said).slice(0, 300) || 'no reason is given';
  const { message, error } = said as { message?: unknown; error?: unknown };
  const reason = message ?? error ?? said;
  return typeof reason === 'string' ? reason : JSON.stringify(reason);
}

function noToken(where: string): Error {
  return forgeRefused(
    where,
    'there is no token for it',
    'Set SWITCHYARD_GITLAB_TOKEN: see plugins/forge-gitlab/README.md.',
  );
}
