/** Alerting with a real clock, disk and receiver, to be killed: killed-main.ts FOLDER RECEIVER held|applied. */
import { Alerting } from '../../../plugins/alerting/alerting.ts';
import { systemClock } from '../../../plugins/alerting/clock.ts';
import { compileRoute } from '../../../plugins/alerting/routing/route.ts';
import { webhookNotifier } from '../../../plugins/notifiers/webhook.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';

const [folder = '', url = '', state] = process.argv.slice(2);
const held = { commit: 'c2', reason: 'SnapshotRejected', cause: 'SignatureMissing', message: 'not signed' };
const alerting = new Alerting({
  registry: {
    location: 'the registry of a test',
    applied: () => 'c1',
    head: () => ({
      commit: 'c2',
      applied: 'c1',
      held: state === 'held' ? held : null,
      error: null,
      lookedAt: null,
    }),
    status: () => undefined,
    examine: async (commit) => ({ commit, time: 0, resources: new Map(), issues: [] }),
    journal: async () => [],
    record: async () => {},
  },
  notifiers: { names: () => ['webhook'], get: () => webhookNotifier },
  sources: { names: () => [], get: () => Promise.reject(new Error('there is none')) as never },
  readSecret: async () => '',
  wake: () => {},
  folder,
  disk: async () => undefined,
  predictionLog: () => ({}),
  log: recordingLog(),
  clock: systemClock,
});
const receivers = [{ name: 'ear', webhook: { url } }];
alerting.dispatch.setRoute(
  compileRoute('AlertRoute/all', { receiver: 'ear', groupWait: '0s', groupInterval: '1s', receivers }),
);
await alerting.start();
