import { tokenSettings } from '../../../core/capabilities/hosted-forge/index.ts';
import { gitea } from '../../../plugins/forge-gitea/client.ts';
import { giteaHost } from '../../../plugins/forge-gitea/host.ts';
import { variables } from '../../../plugins/forge-gitea/index.ts';
import { type GiteaServer, startGiteaServer } from '../../fixtures/forges/gitea-server.ts';
import { bot, type HostedKind } from '../../fixtures/forges/hosted-subject.ts';

export const giteaKind: HostedKind<GiteaServer> = {
  heads: 'refs/pull',
  start: (repository, path) => startGiteaServer({ repository, ...path }),
  host(server, reference, fetch) {
    const block = { baseUrl: server.host, timeoutMs: 10_000 };
    const settings = tokenSettings('forge-gitea', block, { SWITCHYARD_GITEA_TOKEN: bot.token }, variables);
    const place = { owner: 'acme', repo: 'registry' };
    return giteaHost(gitea({ settings, ...place, ...(fetch === undefined ? {} : { fetch }) }), reference);
  },
};
