import { type GitHubOptions, gitHub } from '../../../plugins/forge-github/client.ts';
import { gitHubHost } from '../../../plugins/forge-github/host.ts';
import { gitHubSettings } from '../../../plugins/forge-github/settings.ts';
import { type GitHubServer, gitHubApp, startGitHubServer } from '../../fixtures/forges/github-server.ts';
import { accounts, app, bot, type HostedKind } from '../../fixtures/forges/hosted-subject.ts';

/** GitHub with a token, or as an App. */
export function gitHubKind(as: 'token' | 'app', tokenHoldsMs?: number): HostedKind<GitHubServer> {
  return {
    heads: 'refs/pull',
    start: (repository, path) =>
      startGitHubServer({ repository, ...path, app, ...(tokenHoldsMs ? { tokenHoldsMs } : {}) }),
    host: (server, reference, fetch) => gitHubHost(gitHub(optionsFor(server, as, fetch)), reference),
  };
}

export function optionsFor(
  server: GitHubServer,
  as: 'token' | 'app',
  fetch: typeof globalThis.fetch | undefined,
): GitHubOptions {
  const environment =
    as === 'token'
      ? { SWITCHYARD_GITHUB_TOKEN: bot.token }
      : { SWITCHYARD_GITHUB_APP_PRIVATE_KEY: server.privateKey };
  const block = {
    baseUrl: server.url,
    timeoutMs: 10_000,
    ...(as === 'app' ? { appId: gitHubApp.appId } : {}),
  };
  return {
    settings: gitHubSettings(block, environment),
    owner: 'acme',
    repo: 'registry',
    ...(fetch === undefined ? {} : { fetch }),
  };
}

export const tokens = accounts.map(({ token }) => token);
