import { defineKind, type Finding, type Reference, refOf } from '../../core/plugin.ts';
import { holdsPrivateKey, whyUnusable } from '../../libraries/model-signing/index.ts';
import { nestedFields } from '../../libraries/nested-fields/index.ts';
import { type EnvironmentSpec, environmentSchema } from '../../schemas/generated/environment.ts';
import { promotionCycle } from './promotion-cycle.ts';

const everyEnvironment = 'Environment/*';

/** A stage that deployments live in. */
export const environmentKind = defineKind<EnvironmentSpec>({
  kind: 'Environment',
  plural: 'environments',
  shortNames: ['env'],
  description: 'A stage that deployments live in, such as development, staging or production.',
  schema: environmentSchema,
  path: 'environments/{name}/environment.yaml',
  validationVersion: '3',
  columns: [
    { title: 'Order', pointer: '/spec/order' },
    { title: 'Promotes from', pointer: '/spec/promotesFrom' },
    { title: 'Default', pointer: '/spec/default' },
  ],

  references({ spec }) {
    const references: Reference[] = [{ to: everyEnvironment, pointer: '/spec', wakes: false }];
    if (spec.promotesFrom !== undefined) {
      const to = refOf('Environment', spec.promotesFrom);
      references.push({ to, pointer: '/spec/promotesFrom', wakes: false });
    }
    references.push(...templatesNamed(spec.strategy));
    return references;
  },

  validate(resource, related) {
    const { metadata, spec } = resource;
    const others = related
      .matching<EnvironmentSpec>(everyEnvironment)
      .filter((environment) => environment.ref !== resource.ref);
    const findings: Finding[] = [...signingFindings(spec)];
    const cycle = promotionCycle(resource, others);
    if (cycle !== undefined) {
      findings.push({
        code: 'PromotionCycle',
        pointer: '/spec/promotesFrom',
        message:
          cycle.length === 2
            ? `${metadata.name} promotes from itself`
            : `environments promote from one another in a circle: ${cycle.join(' ← ')}`,
        hint: 'Let the first environment promote from none: remove its promotesFrom.',
      });
    }
    const otherDefault = others.find((environment) => environment.spec.default === true);
    if (spec.default === true && otherDefault !== undefined) {
      findings.push({
        code: 'SecondDefault',
        pointer: '/spec/default',
        message: `${otherDefault.metadata.name} is the default environment too, and a bare /v2 can mean only one`,
        hint: `Keep \`default: true\` here or in ${otherDefault.origin.path}.`,
      });
    }
    return findings;
  },
});

/** Keys and certificates that nothing could be verified with. */
function signingFindings({ signing = {} }: EnvironmentSpec): readonly Finding[] {
  const all = [
    ...(signing.keys ?? []).map((key, at) => [`/spec/signing/keys/${at}/publicKey`, key] as const),
    ...(signing.authorities ?? []).map(
      (one, at) => [`/spec/signing/authorities/${at}/certificate`, one] as const,
    ),
  ];
  return all.flatMap(([pointer, trusted]) => {
    const reason = whyUnusable(trusted);
    if (reason === undefined) return [];
    const message = `"${trusted.name}" cannot be used to verify signatures: ${reason}`;
    const hint = holdsPrivateKey(trusted)
      ? 'Take it out, and replace that key: whoever reads this registry, or its history, has it.'
      : 'Write the whole PEM text, below a `|`.';
    return [{ code: 'KeyUnusable', pointer, message, hint }];
  });
}

/** Every analysis template that a strategy names, wherever in it. */
function templatesNamed(strategy: unknown): readonly Reference[] {
  return [...nestedFields(strategy, 'templateName', '/spec/strategy')].map(({ pointer, value }) => {
    return { to: refOf('AnalysisTemplate', String(value)), pointer, wakes: false };
  });
}
