import type { AlertingRule, RuleGroup } from './rule-file.ts';

type Severity = 'critical' | 'warning';

function alert(
  name: string,
  expr: string,
  wait: string,
  severity: Severity,
  summary: string,
  description: string,
): AlertingRule {
  return {
    alert: `Switchyard${name}`,
    expr,
    ...(wait === '' ? {} : { for: wait }),
    labels: { severity },
    annotations: { summary, description },
  };
}

const place = '{{ $labels.environment }}/{{ $labels.deployment }}';

/** What Prometheus can tell of any platform, also when the platform cannot tell it itself. */
export const platformRules: readonly RuleGroup[] = [
  {
    name: 'switchyard-platform',
    rules: [
      alert(
        'Down',
        'absent(switchyard_source_up)',
        '5m',
        'critical',
        'no control process of Switchyard is scraped',
        'Inference goes on with its last routing table; nothing new is applied, and the platform’s own alerts are silent.',
      ),
      alert(
        'RegistryNotRead',
        'switchyard_source_up == 0',
        '5m',
        'critical',
        'the registry cannot be read',
        'Merges are not applied; what runs goes on. See `switchyard status`.',
      ),
      alert(
        'CommitRefused',
        'switchyard_snapshot_rejected == 1',
        '',
        'critical',
        'the newest commit may not be applied',
        'It is not signed or approved as it must be. What was admitted last goes on. See `switchyard status`.',
      ),
      alert(
        'CommitHeld',
        'switchyard_snapshot_held == 1 unless switchyard_snapshot_rejected == 1',
        '',
        'warning',
        'the newest commit is held: it would remove too much',
        'Revert it, or say so: `switchyard acknowledge COMMIT`.',
      ),
      alert(
        'ManifestsInvalid',
        'switchyard_manifest_issues{severity="error"} > 0',
        '10m',
        'warning',
        '{{ $value }} manifests are invalid',
        'Their last valid versions go on. `switchyard check` names the lines.',
      ),
      alert(
        'ResourcesNotReady',
        'switchyard_resources{ready="False"} > 0',
        '10m',
        'warning',
        '{{ $value }} resources of the kind {{ $labels.kind }} are not ready',
        'See `switchyard get all`, then `switchyard describe`.',
      ),
      alert(
        'ReconcileFails',
        'increase(switchyard_reconcile_total{result="failed"}[15m]) > 3',
        '15m',
        'warning',
        'controllers of the kind {{ $labels.kind }} fail again and again',
        'The log of the control process has the error (`reconcile failed`).',
      ),
      alert(
        'BrokeGlass',
        'increase(switchyard_policy_broke_glass_total[5m]) > 0',
        '',
        'critical',
        'somebody let a proposal pass although rules are not met',
        'See `switchyard journal --type policy.broke-glass`.',
      ),
    ],
  },
  {
    name: 'switchyard-serving',
    rules: [
      alert(
        'FewerProcesses',
        'sum without (process) (switchyard_inference_process_ready) < switchyard_inference_processes_expected',
        '5m',
        'critical',
        'only {{ $value }} inference processes are ready',
        'See `switchyard status`, and the log of the processes that are missing.',
      ),
      alert(
        'ProcessesRestart',
        'increase(switchyard_inference_process_starts_total[15m]) > 3',
        '',
        'warning',
        'inference process {{ $labels.process }} is started again and again',
        'The log says why it ended: memory, a crash in native code, a run that did not end.',
      ),
      alert(
        'WorkersLost',
        'increase(switchyard_worker_restarts_total[15m]) > 3',
        '',
        'warning',
        'worker threads of inference process {{ $labels.process }} end again and again',
        'Under which version they end is told by its Deployment: `switchyard get deployments`.',
      ),
      alert(
        'ModelLoadFails',
        'sum without (process) (increase(switchyard_model_load_failures_total[15m])) > 0',
        '',
        'warning',
        'a version could not be made ready',
        'Its Deployment says why: `switchyard describe deployment ENVIRONMENT/NAME`.',
      ),
      alert(
        'ArtifactsNotFetched',
        'increase(switchyard_artifact_fetch_failures_total[15m]) > 3',
        '',
        'warning',
        'artifacts cannot be fetched',
        'The Deployments that need them say why: `switchyard get deployments`.',
      ),
      alert(
        'RoutingNotKept',
        'switchyard_routing_table_persisted == 0',
        '5m',
        'critical',
        'the newest routing table cannot be written to disk',
        'An inference process that starts now would follow an older one. Make room on the disk of the data folder.',
      ),
      alert(
        'Errors',
        'sum by (environment, deployment, version) (rate(switchyard_request_errors_total{role!="shadow"}[5m]))' +
          ' / sum by (environment, deployment, version) (rate(switchyard_requests_total{role!="shadow"}[5m])) > 0.05',
        '10m',
        'critical',
        `{{ $value | humanizePercentage }} of the answers of ${place} {{ $labels.version }} are errors`,
        'See the log of the inference processes, and `switchyard rollback` where a new version is the cause.',
      ),
    ],
  },
  {
    name: 'switchyard-rollouts',
    rules: [
      alert(
        'RolledBack',
        'switchyard_rollout_phase{phase="rolledBack"} == 1',
        '',
        'critical',
        `${place} was rolled back`,
        'Traffic is back already; a proposal that puts Git right waits for review: `switchyard proposals`.',
      ),
      alert(
        'RolloutUndecided',
        'switchyard_rollout_phase{phase="undecided"} == 1',
        '15m',
        'warning',
        `the rollout of ${place} is held: its analysis cannot tell, or cannot measure`,
        'See `switchyard rollout status`.',
      ),
      alert(
        'LoadingLong',
        'switchyard_rollout_phase{phase="loading"} == 1',
        '30m',
        'warning',
        `${place} has loaded a version for half an hour`,
        'See `switchyard rollout status` for what it waits for.',
      ),
    ],
  },
  {
    name: 'switchyard-watching',
    rules: [
      alert(
        'MonitorBreached',
        'switchyard_monitor_breached == 1',
        '',
        'warning',
        'the monitor {{ $labels.monitor }} of {{ $labels.environment }}/{{ $labels.deployment }} is breached',
        'What it found: `switchyard monitor show {{ $labels.monitor }}`.',
      ),
      alert(
        'ServiceLevelsNotKept',
        'switchyard_slo_history_unwritten == 1',
        '5m',
        'warning',
        'what was counted for service levels cannot be written to disk',
        'A restart forgets it. Make room on the disk of the data folder.',
      ),
    ],
  },
  {
    name: 'switchyard-telling',
    rules: [
      alert(
        'AlertsNotDelivered',
        'switchyard_notifications_oldest_seconds > 600',
        '',
        'critical',
        'a notification has waited for {{ $value | humanizeDuration }}',
        'A receiver is down or refuses: `switchyard alerts --all`.',
      ),
      alert(
        'AlertRulesFail',
        'switchyard_alert_rules_failing > 0',
        '10m',
        'warning',
        '{{ $value }} alert rules cannot say whether they fire',
        'Their resources say why: `switchyard get alertrules`.',
      ),
      alert(
        'AlertingNotKept',
        'switchyard_alerting_unwritten == 1',
        '5m',
        'critical',
        'what alerting knows cannot be written to disk',
        'A restart forgets acknowledgements and silences. Make room on the disk of the data folder.',
      ),
      alert(
        'PredictionLogNotWritable',
        'switchyard_prediction_log_writable == 0',
        '5m',
        'critical',
        'the prediction log cannot be written',
        'Predictions wait, and are dropped when there is no more room.',
      ),
      alert(
        'PredictionsNotLogged',
        'sum without (process) (increase(switchyard_predictions_unlogged_total[15m])) > 0',
        '',
        'warning',
        '{{ $value | humanize }} predictions were not logged in 15 minutes',
        'They came faster than they could be written.',
      ),
    ],
  },
];
