import { Metrics } from '../../../../plugins/serving/dataplane/counters/metrics.ts';
import type { Report } from '../../../../plugins/serving/dataplane/interface/messages.ts';
import { versionKey } from '../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { AnswerReports } from '../../../../plugins/serving/measuring/answer-reports.ts';
import { type AnsweringProcess, answerCountsSuite } from '../../../conformance/answer-counts.ts';

const model = { batchable: true, inputs: [], outputs: [] };

answerCountsSuite('of inference processes', () => {
  const counts = new AnswerReports();
  let metrics = new Metrics();
  let life = 0;
  const roles = new Map([[versionKey({ environment: 'production', name: 'geese' }, '1.0.0'), 'stable']]);
  const process: AnsweringProcess = {
    answers(status, seconds, isNumber = true) {
      const version = metrics.version('production', 'geese', '1.0.0');
      version.answered(status, seconds);
      version.gave(model, [], isNumber);
    },
    reports() {
      // As it comes over the socket.
      const report = JSON.parse(JSON.stringify({ id: '0', pid: 40 + life, metrics: metrics.snapshot() }));
      const startedAt = new Date(Date.UTC(2026, 0, 1, life)).toISOString();
      counts.report(report as Pick<Report, 'id' | 'pid' | 'metrics'>, startedAt, () => roles);
    },
    isReplaced() {
      metrics = new Metrics();
      life++;
    },
    becomesShadow() {
      for (const key of roles.keys()) roles.set(key, 'shadow');
    },
  };
  return { counts, process };
});
