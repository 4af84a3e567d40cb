import type { DeclaredPlugin } from '../core/host/load-plugins.ts';

/** The plugins that come with Switchyard, by the name that platform.yaml uses. Loaded only when named. */
export const builtInPlugins: Readonly<Record<string, () => Promise<unknown>>> = {
  secrets: () => import('../plugins/secrets/index.ts'),
  environments: () => import('../plugins/environments/index.ts'),
  models: () => import('../plugins/models/index.ts'),
  artifacts: () => import('../plugins/artifacts/index.ts'),
  'prediction-log': () => import('../plugins/prediction-log/index.ts'),
  jobs: () => import('../plugins/jobs/index.ts'),
  serving: () => import('../plugins/serving/index.ts'),
  monitors: () => import('../plugins/monitors/index.ts'),
  rollout: () => import('../plugins/rollout/index.ts'),
  policies: () => import('../plugins/policies/index.ts'),
  leaks: () => import('../plugins/leaks/index.ts'),
  evaluation: () => import('../plugins/evaluation/index.ts'),
  'forge-git': () => import('../plugins/forge-git/index.ts'),
  'forge-github': () => import('../plugins/forge-github/index.ts'),
  'forge-gitlab': () => import('../plugins/forge-gitlab/index.ts'),
  'forge-gitea': () => import('../plugins/forge-gitea/index.ts'),
  proposals: () => import('../plugins/proposals/index.ts'),
  'metrics-prometheus': () => import('../plugins/metrics-prometheus/index.ts'),
  'metrics-web': () => import('../plugins/metrics-web/index.ts'),
  slo: () => import('../plugins/slo/index.ts'),
  alerting: () => import('../plugins/alerting/index.ts'),
  notifiers: () => import('../plugins/notifiers/index.ts'),
  previews: () => import('../plugins/previews/index.ts'),
};

/** Those that are of no use before somebody says where, and as whom. */
const onlyWhenNamed = ['forge-github', 'forge-gitlab', 'forge-gitea'];

/** What runs where a registry has no platform.yaml: all others. */
export const defaultPlugins: readonly DeclaredPlugin[] = Object.keys(builtInPlugins)
  .filter((name) => !onlyWhenNamed.includes(name))
  .map((name) => ({ name }));
