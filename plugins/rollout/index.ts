import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { proposer } from '../../core/capabilities/proposer.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { serviceLevels } from '../../core/capabilities/service-levels.ts';
import { servingRuntime } from '../../core/capabilities/serving-runtime.ts';
import { definePlugin, optional } from '../../core/plugin.ts';
import { analysisTemplateKind } from './analysis/analysis-template.ts';
import { analysisTemplateController } from './analysis/analysis-template-controller.ts';
import { deploymentKind } from './deployment.ts';
import { optionsOf, rolloutOptions } from './options.ts';

/** The only runtime there is; a deployment names none. */
const runtime = 'onnxruntime';

export const plugin = definePlugin({
  name: 'rollout',
  description: 'Deployments, and how traffic walks from one version to the next.',
  kinds: [deploymentKind, analysisTemplateKind],
  needs: {
    serving: servingRuntime,
    sources: optional(metricsSource),
    proposers: optional(proposer),
    registries: optional(registry),
    levels: optional(serviceLevels),
  },
  options: rolloutOptions,
  async setup(host, { serving, sources, proposers, registries, levels }, options) {
    const { setUpRollout } = await import('./setup.ts');
    host.control(analysisTemplateKind, analysisTemplateController(sources));
    const [changes] = proposers.names();
    const [source] = registries.names();
    const [book] = levels.names();
    const given = {
      serving: serving.get(runtime),
      sources,
      ...(changes === undefined ? {} : { proposer: proposers.get(changes) }),
      ...(source === undefined ? {} : { registry: registries.get(source) }),
      ...(book === undefined ? {} : { levels: levels.get(book) }),
    };
    setUpRollout(host, given, optionsOf(options));
  },
});
