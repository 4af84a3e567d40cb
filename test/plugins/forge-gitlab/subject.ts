import { tokenSettings } from '../../../core/capabilities/hosted-forge/index.ts';
import { gitLab } from '../../../plugins/forge-gitlab/client.ts';
import { gitLabHost } from '../../../plugins/forge-gitlab/host.ts';
import { variables } from '../../../plugins/forge-gitlab/index.ts';
import { type GitLabServer, noteReview, startGitLabServer } from '../../fixtures/forges/gitlab-server.ts';
import { bot, type HostedKind, reviewer } from '../../fixtures/forges/hosted-subject.ts';

export const gitLabKind: HostedKind<GitLabServer> = {
  heads: 'refs/merge-requests',
  start: (repository, path) => startGitLabServer({ repository, ...path }),
  host(server, reference, fetch) {
    const block = { baseUrl: server.host, timeoutMs: 10_000 };
    const settings = tokenSettings('forge-gitlab', block, { SWITCHYARD_GITLAB_TOKEN: bot.token }, variables);
    return gitLabHost(
      gitLab({ settings, project: 'acme/registry', ...(fetch === undefined ? {} : { fetch }) }),
      reference,
    );
  },
  reviewed: (pull, hosted, verdict, body) => noteReview(hosted, pull, reviewer, verdict, body),
};
