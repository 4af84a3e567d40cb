/** Brings proposals as merge requests on GitLab. */
import { forge } from '../../core/capabilities/forge.ts';
import {
  invalidForgeSetting,
  placeOf,
  provideHostedForge,
  tokenSettings,
} from '../../core/capabilities/hosted-forge/index.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin } from '../../core/plugin.ts';
import { gitLabDelivery, provesGitLab, understandGitLab } from './deliveries.ts';

export const variables = {
  baseUrl: 'SWITCHYARD_GITLAB_URL',
  token: ['SWITCHYARD_GITLAB_TOKEN', 'GITLAB_TOKEN'],
  webhookSecret: 'SWITCHYARD_GITLAB_WEBHOOK_SECRET',
};

export const plugin = definePlugin({
  name: 'forge-gitlab',
  description: 'Brings proposals as merge requests on GitLab.',
  needs: { registry },
  provides: [forge],
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      project: {
        type: 'string',
        pattern: '^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$',
        description: 'The path with its groups. Default: the one of the URL that the platform follows.',
        examples: ['acme/ml/registry'],
      },
    },
  },
  async setup(host, { registry: registries }, options) {
    const { gitLab } = await import('./client.ts');
    const { gitLabHost } = await import('./host.ts');
    const followed = registries.get('registry');
    const settings = tokenSettings('forge-gitlab', host.machine.settings, process.env, variables);
    const project = () => projectOf(settings.baseUrl, followed.location, options.project);
    provideHostedForge(host, {
      name: 'gitlab',
      followed,
      forgeHost: () => gitLabHost(gitLab({ settings, project: project() }), followed.reference),
      secret: settings.webhookSecret,
      proves: provesGitLab,
      identity: gitLabDelivery,
      understand: (headers, payload) => understandGitLab(headers, payload, project()),
    });
  },
});

/** As the options say, or as the URL that is followed does. Throws `InvalidForgeSetting`. */
function projectOf(baseUrl: string | undefined, location: string, option: unknown): string {
  if (typeof option === 'string') return option;
  const followed = placeOf(location);
  const isThere = baseUrl !== undefined || followed?.host === 'gitlab.com';
  // A GitLab below a path: https://example.com/gitlab/acme/registry.
  const below = baseUrl === undefined ? '' : new URL(baseUrl).pathname.replace(/^\/|\/$/g, '');
  const path = below === '' ? followed?.path : followed?.path.replace(`${below}/`, '');
  if (isThere && path?.includes('/')) return path;
  throw invalidForgeSetting(
    'platform.yaml: forge-gitlab.project',
    `must be set: ${location} does not say which project on GitLab it is`,
  );
}
