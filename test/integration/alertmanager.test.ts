import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Notification } from '../../core/capabilities/notifier.ts';
import { alertmanagerNotifier } from '../../plugins/notifiers/alertmanager.ts';
import { firing, resolved } from '../conformance/notifier.ts';
import { failureOf } from '../fixtures/failure.ts';
import { freePort } from '../fixtures/free-port.ts';
import { openReceiver, type Receiver } from '../fixtures/receiver.ts';
import { until } from '../fixtures/until.ts';
import { whyMissing } from './installed.ts';

const missing = whyMissing('prometheus-alertmanager', 'prometheus-alertmanager');

interface GettableAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
}

describe.skipIf(missing !== undefined)(
  `a real Alertmanager${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let folder: string;
    let child: ChildProcess;
    let url: string;
    /** Whom the Alertmanager tells in turn. */
    let behind: Receiver;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'switchyard-alertmanager-'));
      behind = await openReceiver();
      const port = await freePort();
      const file = join(folder, 'alertmanager.yml');
      await writeFile(
        file,
        `route: { receiver: behind, group_by: [alertname], group_wait: 0s, group_interval: 1s }
receivers: [{ name: behind, webhook_configs: [{ url: '${behind.url}/behind', send_resolved: true }] }]
`,
      );
      url = `http://127.0.0.1:${port}`;
      const options = [
        `--config.file=${file}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ];
      child = spawn('prometheus-alertmanager', options, { stdio: 'ignore' });
      const isReady = () =>
        fetch(`${url}/-/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
      await until(isReady, { deadlineMs: 60_000, everyMs: 100, what: 'Alertmanager is ready' });
    });
    afterAll(async () => {
      await stop();
      await behind?.close();
      await rm(folder, { recursive: true, force: true });
    });

    async function stop(): Promise<void> {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
    const tell = (notification: Notification) =>
      alertmanagerNotifier.notify({ notification, settings: { url } }, AbortSignal.timeout(20_000));
    const active = async () =>
      (await (await fetch(`${url}/api/v2/alerts?active=true`)).json()) as readonly GettableAlert[];
    const now = (notification: Notification, more: object = {}): Notification => ({
      ...notification,
      alerts: notification.alerts.map((one) => ({
        ...one,
        since: new Date(Date.now() - 60_000).toISOString(),
        ...more,
      })),
    });

    it('takes what fires, once however often it is told, and tells it on', async () => {
      const notification = now(firing);
      await tell(notification);
      await tell(notification);
      const alerts = await active();
      expect(alerts).toHaveLength(1);
      expect(alerts[0]).toMatchObject({
        labels: { ...firing.alerts[0]?.labels, platform: 'switchyard' },
        startsAt: notification.alerts[0]?.since,
        annotations: {
          summary: 'production/geese was rolled back',
          evidence: 'Degraded RolledBack: error rate 0.31 > 0.01',
          help: 'Review proposal 7 switchyard show 7 https://forge.example.com/7',
          runbook_url: 'https://wiki.example.com/rolled-back',
        },
      });
      const [told] = await behind.atLeast(1);
      expect(JSON.parse(told?.body ?? '{}')).toMatchObject({
        status: 'firing',
        alerts: [{ status: 'firing' }],
      });
    });

    it('is told that it is over', async () => {
      await tell(now(resolved, { until: new Date().toISOString() }));
      await until(async () => (await active()).length === 0, { what: 'nothing is active' });
      await until(() => behind.received.some(({ body }) => body.includes('"status":"resolved"')), {
        what: 'it is told on',
      });
    });

    it('takes a storm of 10,000 in one go, all of it', async () => {
      const [alert] = now(firing).alerts;
      if (alert === undefined) throw new Error('no alert');
      const alerts = Array.from({ length: 10_000 }, (_, index) => ({
        ...alert,
        id: String(index),
        labels: { ...alert.labels, name: `geese-${index}` },
      }));
      await tell({ ...firing, alerts });
      expect(await active()).toHaveLength(10_000);
    });

    it('says why it refuses, and a human must help', async () => {
      const alerts = firing.alerts.map((one) => ({ ...one, labels: { 'not a label': 'x' } }));
      expect(await failureOf(tell({ ...firing, alerts }))).toMatchObject({
        code: 'NotifierRefused',
        message: expect.stringContaining('400'),
      });
    });

    it('cannot be reached once it is killed', async () => {
      await stop();
      expect(await failureOf(tell(firing))).toMatchObject({ code: 'NotifierUnreachable' });
    });
  },
);
