/** Brings proposals as pull requests on Gitea and Forgejo. */
import { forge } from '../../core/capabilities/forge.ts';
import {
  invalidForgeSetting,
  placeOf,
  provideHostedForge,
  tokenSettings,
} from '../../core/capabilities/hosted-forge/index.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin } from '../../core/plugin.ts';
import { gitea, type Place } from './client.ts';
import { giteaDelivery, provesGitea, understandGitea } from './deliveries.ts';
import { giteaHost } from './host.ts';

export const variables = {
  baseUrl: 'SWITCHYARD_GITEA_URL',
  token: ['SWITCHYARD_GITEA_TOKEN', 'GITEA_TOKEN'],
  webhookSecret: 'SWITCHYARD_GITEA_WEBHOOK_SECRET',
};

export const plugin = definePlugin({
  name: 'forge-gitea',
  description: 'Brings proposals as pull requests on Gitea and Forgejo.',
  needs: { registry },
  provides: [forge],
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      repository: {
        type: 'string',
        pattern: '^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$',
        description: 'Owner and name. Default: those of the URL that the platform follows.',
        examples: ['acme/registry'],
      },
    },
  },
  setup(host, { registry: registries }, options) {
    const followed = registries.get('registry');
    const settings = tokenSettings('forge-gitea', host.machine.settings, process.env, variables);
    const place = () => repositoryOf(followed.location, options.repository);
    provideHostedForge(host, {
      name: 'gitea',
      followed,
      forgeHost: () => giteaHost(gitea({ settings, ...place() }), followed.reference),
      secret: settings.webhookSecret,
      proves: provesGitea,
      identity: giteaDelivery,
      understand: (headers, payload) => understandGitea(headers, payload, place()),
    });
  },
});

/** As the options say, or the last two parts of the URL that is followed. Throws `InvalidForgeSetting`. */
function repositoryOf(location: string, option: unknown): Place {
  const path = typeof option === 'string' ? option : placeOf(location)?.path;
  const [owner, repo] = path?.split('/').slice(-2) ?? [];
  if (owner && repo) return { owner, repo };
  throw invalidForgeSetting(
    'platform.yaml: forge-gitea.repository',
    `must be set: ${location} does not say which repository on Gitea it is`,
  );
}
