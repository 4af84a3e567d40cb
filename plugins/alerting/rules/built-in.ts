import type { AlertRuleSpec } from '../../../schemas/generated/alert-rule.ts';
import { compileRule, type Rule } from './rule.ts';

/** That somebody broke the glass is told whatever manifests say: nothing takes the place of this rule. */
export const breakGlass = 'break-glass';

const deployments = { kinds: ['Deployment'] };
const place = '{{resource.environment}}/{{resource.name}}';
const burning = 'facts.slo.burning';
const burns = {
  description: `{{${burning}.message}}`,
  'budget left': `{{${burning}.objectives[0].budgetLeft}} %`,
  since: `{{${burning}.since}}`,
  errors: `{{${burning}.objectives[0].errors}}`,
  versions: `{{${burning}.objectives[0].versions}}`,
  command: `switchyard slo ${place}`,
};
const monitors = { kinds: ['Monitor'] };
const showMonitor = 'switchyard monitor show {{resource.name}}';
const rolloutStatus = `switchyard rollout status ${place}`;

/** What is worth telling about any platform. An AlertRule of the same name takes a rule's place. */
const specs: Readonly<Record<string, AlertRuleSpec>> = {
  [breakGlass]: {
    journal: { types: ['policy.broke-glass', 'proposal.break-glass'] },
    when: 'true',
    severity: 'critical',
    annotations: {
      summary: '{{entry.message}}',
      description:
        'A person let a proposal pass although rules are not met. Look at what was changed, and whether it had to be.',
      rules: '{{entry.data.rules}}',
      by: '{{entry.data.by}}',
      label: '{{entry.data.label}}',
    },
  },
  'snapshot-rejected': {
    platform: true,
    when: 'platform.held.reason == "SnapshotRejected"',
    severity: 'critical',
    annotations: {
      summary: 'commit {{platform.held.short}} is refused: {{platform.held.cause}}',
      description: '{{platform.held.message}} What was admitted last goes on.',
      command: 'switchyard status',
    },
  },
  'snapshot-held': {
    platform: true,
    when: 'platform.held.reason == "MassRemovalHeld"',
    severity: 'warning',
    annotations: {
      summary: 'commit {{platform.held.short}} is held: it would remove too much',
      description: '{{platform.held.message}}',
      command: 'switchyard plan --from {{platform.applied}} --to {{platform.held.commit}}',
    },
  },
  'registry-not-synced': {
    platform: true,
    when: 'has(platform.error)',
    for: '5m',
    severity: 'critical',
    annotations: {
      summary: 'the registry cannot be read: {{platform.error.code}}',
      description: '{{platform.error.message}} Merges are not applied; what runs goes on.',
      command: 'switchyard status',
    },
  },
  'registry-lags': {
    platform: true,
    when: '!has(platform.error) && !has(platform.held) && platform.commit != platform.applied',
    for: '5m',
    severity: 'warning',
    annotations: {
      summary: 'the platform lags {{int(platform.behindSeconds / 60.0)}} minutes behind the registry',
      description:
        'The branch names {{platform.commit}}, and {{platform.applied}} is what was admitted last. What runs goes on.',
      command: 'switchyard status',
    },
  },
  'state-not-written': {
    platform: true,
    when: 'has(platform.unwritten)',
    severity: 'critical',
    annotations: {
      summary: 'what alerting knows cannot be written: {{platform.unwritten}}',
      description:
        'Alerts are told all the same, but a restart forgets acknowledgements and silences, and tells again. See that the disk of the data folder has room and may be written.',
      free: '{{platform.disk.freeMegabytes}} MB, {{platform.disk.freePercent}} %',
      command: 'switchyard status',
    },
  },
  'disk-nearly-full': {
    platform: true,
    when: 'platform.disk.freePercent < 5.0 && platform.disk.freeMegabytes < 2000.0',
    for: '5m',
    severity: 'warning',
    annotations: {
      summary: 'the disk of the data folder is nearly full: {{platform.disk.freeMegabytes}} MB are left',
      description:
        'Once it is full, new commits are not applied and predictions are not logged; what is served goes on. Make room, or give the data folder a larger disk.',
      free: '{{platform.disk.freePercent}} %',
      command: 'switchyard status',
    },
  },
  'predictions-not-kept': {
    platform: true,
    when: 'has(platform.predictionLog.log)',
    for: '5m',
    severity: 'critical',
    annotations: {
      summary: 'the prediction log cannot be written: {{platform.predictionLog.log}}',
      description:
        'What is predicted waits, on disk and then in memory, and is dropped once there is no room; what is served goes on.',
      command: 'switchyard log status',
    },
  },
  'predictions-not-in-bucket': {
    platform: true,
    when: 'has(platform.predictionLog.bucket)',
    for: '15m',
    severity: 'warning',
    annotations: {
      summary: 'the bucket of the prediction log cannot be used: {{platform.predictionLog.bucket}}',
      description:
        'Files of the log stay on this machine until the bucket takes them, and what is in the bucket alone cannot be asked for. Nothing is lost as long as the disk has room.',
      command: 'switchyard log status',
    },
  },
  'rolled-back': {
    resources: deployments,
    when: 'conditions.Degraded.reason in ["RolledBack", "RollbackOverdue", "RollbackDeclined", "ProgressDeadlineExceeded"]',
    severity: 'critical',
    annotations: {
      summary: `${place} was rolled back`,
      description: '{{conditions.Degraded.message}}',
      command: rolloutStatus,
    },
  },
  'analysis-error': {
    resources: deployments,
    when: 'conditions.Degraded.reason == "AnalysisError"',
    severity: 'critical',
    annotations: {
      summary: `the rollout of ${place} is held: its analysis cannot measure`,
      description: '{{conditions.Degraded.message}}',
      command: rolloutStatus,
    },
  },
  'analysis-inconclusive': {
    resources: deployments,
    when: 'conditions.Degraded.reason == "AnalysisInconclusive"',
    severity: 'warning',
    annotations: {
      summary: `the rollout of ${place} waits for a human: its analysis cannot tell`,
      description: '{{conditions.Degraded.message}}',
      command: rolloutStatus,
    },
  },
  'quarantined-version': {
    resources: deployments,
    when: 'conditions.Ready.reason == "Quarantined"',
    severity: 'critical',
    annotations: {
      summary: `${place} declares a quarantined version`,
      description: '{{conditions.Ready.message}}',
      command: rolloutStatus,
    },
  },
  'deployment-not-ready': {
    resources: deployments,
    when: 'conditions.Ready.status == "False" && !(conditions.Ready.reason in ["Quarantined", "InvalidManifest", "RolledBack", "RollbackOverdue", "RollbackDeclined", "ProgressDeadlineExceeded"])',
    for: '10m',
    severity: 'critical',
    annotations: {
      summary: `${place} is not ready: {{conditions.Ready.reason}}`,
      description: '{{conditions.Ready.message}}',
      command: rolloutStatus,
    },
  },
  'slo-burns-fast': {
    resources: deployments,
    when: `${burning}.speed == "fast"`,
    severity: 'critical',
    annotations: {
      summary: `${place} burns its error budget {{${burning}.objectives[0].burnRate}} times too fast`,
      ...burns,
    },
  },
  'slo-burns-slowly': {
    resources: deployments,
    when: `${burning}.speed == "slow"`,
    severity: 'warning',
    annotations: {
      summary: `${place} spends its error budget before its time is over`,
      ...burns,
    },
  },
  'fewer-processes': {
    resources: deployments,
    when: 'conditions.Degraded.reason == "FewerProcesses"',
    for: '5m',
    severity: 'warning',
    annotations: {
      summary: `${place} answers from fewer processes than it should`,
      description: '{{conditions.Degraded.message}}',
      command: 'switchyard status',
    },
  },
  'processes-die': {
    resources: deployments,
    when: 'size(facts.losses) >= 3 && timestamp(facts.losses[size(facts.losses) - 3].at) + duration("1h") > now',
    severity: 'critical',
    annotations: {
      summary: `inference processes under ${place} ended three times within an hour`,
      description:
        'Each time another took their place, and requests under way were lost. A model that ends its process ends every other in it; look in the log at how they ended.',
      latest: '{{facts.losses[size(facts.losses) - 1].message}}, {{facts.losses[size(facts.losses) - 1].at}}',
      command: 'switchyard status',
    },
  },
  'invalid-manifest': {
    resources: {
      kinds: [
        ...['Platform', 'Environment', 'Deployment', 'Model', 'ModelVersion', 'Dataset', 'AnalysisTemplate'],
        ...['Policy', 'Team', 'AlertRule', 'AlertRoute', 'Monitor', 'Pipeline', 'Secret'],
      ],
    },
    when: 'conditions.Ready.reason == "InvalidManifest"',
    for: '10m',
    severity: 'warning',
    annotations: {
      summary: '{{resource.ref}} has an invalid manifest; its last valid version goes on',
      description: '{{conditions.Ready.message}}',
      command: 'switchyard check',
    },
  },
  'platform-stalled': {
    resources: { kinds: ['Platform'] },
    when: 'conditions.Ready.status == "False" && conditions.Ready.reason != "InvalidManifest" && conditions.Progressing.reason == "Stalled"',
    severity: 'critical',
    annotations: {
      summary: 'the plugins that platform.yaml names cannot run: {{conditions.Ready.reason}}',
      description: '{{conditions.Ready.message}}',
      command: 'switchyard status',
    },
  },
  'monitor-silent': {
    resources: monitors,
    when: 'timestamp(facts.nextRunBy) < now && !("switchyard/suspend" in resource.annotations && resource.annotations["switchyard/suspend"] == "true")',
    for: '1m',
    severity: 'warning',
    annotations: {
      summary: 'the monitor {{resource.name}} has not looked since {{facts.lastRun}}',
      description:
        'A check was due by {{facts.nextRunBy}} and was not made. That it is quiet says nothing of {{resource.spec.target.environment}}/{{resource.spec.target.deployment}} until it looks again.',
      'last check': '{{facts.lastRun}}',
      command: showMonitor,
    },
  },
  'monitor-breached': {
    resources: monitors,
    when: 'facts.isBreached',
    severity: 'warning',
    annotations: {
      summary: 'the monitor {{resource.name}} tells of a breach: {{conditions.Degraded.message}}',
      description:
        '{{resource.spec.target.environment}}/{{resource.spec.target.deployment}} is not what its model was made for, or not as right as it should be.',
      since: '{{facts.since}}',
      window: '{{facts.window.from}} to {{facts.window.to}}',
      rows: '{{facts.window.rows}}',
      columns: '{{facts.drift.names}}',
      drift: '{{facts.drift.drifted}} of {{facts.drift.compared}} columns',
      labels: '{{facts.performance.labels}}',
      figures: '{{facts.performance.figures}}',
      command: showMonitor,
    },
  },
  'monitor-cannot-judge': {
    resources: monitors,
    when: 'facts.failure.times >= 3.0',
    severity: 'warning',
    annotations: {
      summary: 'the monitor {{resource.name}} cannot judge: {{facts.failure.code}}',
      description: '{{conditions.Degraded.message}}',
      'in a row': '{{facts.failure.times}}',
      command: showMonitor,
    },
  },
  'alert-not-delivered': {
    resources: { kinds: ['AlertRoute'] },
    when: 'conditions.Degraded.reason == "DeliveryFailing"',
    for: '10m',
    severity: 'critical',
    annotations: {
      summary: 'alerts of {{resource.name}} do not arrive',
      description: '{{conditions.Degraded.message}}',
      command: 'switchyard alerts --all',
    },
  },
  'alert-rule-fails': {
    resources: { kinds: ['AlertRule'] },
    when: 'conditions.Degraded.reason == "EvaluationFailed"',
    for: '10m',
    severity: 'warning',
    annotations: {
      summary: 'the alert rule {{resource.name}} cannot say whether it fires',
      description: '{{conditions.Degraded.message}}',
    },
  },
};

export function builtInRules(): readonly Rule[] {
  return Object.entries(specs).map(([name, spec]) => {
    const rule = compileRule(name, spec, { isMandatory: name === breakGlass });
    if (!('holds' in rule)) throw new Error(`the built-in rule ${name}: ${rule[0]?.message}`);
    return rule;
  });
}
