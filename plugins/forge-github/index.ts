/** Brings proposals as pull requests on GitHub. */
import { forge } from '../../core/capabilities/forge.ts';
import {
  invalidForgeSetting,
  placeOf,
  provideHostedForge,
} from '../../core/capabilities/hosted-forge/index.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin } from '../../core/plugin.ts';
import { gitHub, type Place } from './client.ts';
import { gitHubDelivery, provesGitHub, understandGitHub } from './deliveries.ts';
import { gitHubHost } from './host.ts';
import { type GitHubSettings, gitHubSettings } from './settings.ts';

export const plugin = definePlugin({
  name: 'forge-github',
  description: 'Brings proposals as pull requests on GitHub.',
  needs: { registry },
  provides: [forge],
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      repository: {
        type: 'string',
        pattern: '^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$',
        description: 'Owner and name. Default: those of the URL that the platform follows.',
        examples: ['acme/registry'],
      },
    },
  },
  setup(host, { registry: registries }, options) {
    const followed = registries.get('registry');
    const settings = gitHubSettings(host.machine.settings, process.env);
    const place = () => repositoryOf(settings, followed.location, options.repository);
    provideHostedForge(host, {
      name: 'github',
      followed,
      forgeHost: () => gitHubHost(gitHub({ settings, ...place() }), followed.reference),
      secret: settings.webhookSecret,
      proves: provesGitHub,
      identity: gitHubDelivery,
      understand: (headers, payload) => understandGitHub(headers, payload, place()),
    });
  },
});

/** As the options say, or as the URL that is followed does. Throws `InvalidForgeSetting`. */
function repositoryOf(settings: GitHubSettings, location: string, option: unknown): Place {
  const followed = placeOf(location);
  const isThere = settings.baseUrl !== undefined || followed?.host === 'github.com';
  const path = typeof option === 'string' ? option : isThere ? followed?.path : undefined;
  const [owner, repo, ...more] = path?.split('/') ?? [];
  if (owner && repo && more.length === 0) return { owner, repo };
  throw invalidForgeSetting(
    'platform.yaml: forge-github.repository',
    `must be set: ${location} does not say which repository on GitHub it is`,
  );
}
