import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Composition, compose } from '../../server/compose.ts';
import { configurationFor } from '../fixtures/configuration.ts';
import { recordingLog } from '../fixtures/recording-log.ts';
import { until } from '../fixtures/until.ts';
import {
  Cast,
  manifest,
  platform,
  SignedRegistry,
  whyNoSigning,
} from '../plugins/policies/signed-registry.ts';

if (whyNoSigning !== undefined) console.warn(whyNoSigning);

describe.skipIf(whyNoSigning !== undefined)(
  'a platform whose newest commit drops the plugin that would refuse it',
  () => {
    let cast: Cast;
    let folder: string;
    let registry: SignedRegistry;
    let composition: Composition | undefined;
    let restarts: number;
    /** Admitted. */
    let first: string;

    beforeAll(() => {
      cast = new Cast();
    });
    afterAll(() => cast?.close());
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'switchyard-compose-'));
      registry = new SignedRegistry(join(folder, 'registry'), cast);
      restarts = 0;
      first = registry.commit(cast.ada, {
        'platform.yaml': platform({ signatures: 'mainline' }, ['environments']),
        'teams/risk.yaml': cast.team('risk', cast.ada),
        'environments/dev/environment.yaml': manifest('Environment', 'dev', { title: 'Development' }),
      });
    });
    afterEach(async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const without = () => manifest('Platform', 'platform', { plugins: [{ name: 'environments' }] });
    const plugins = () => composition?.kernel.plugins().map(({ name }) => name);

    async function start(): Promise<void> {
      composition = await compose({
        configuration: configurationFor({ repository: registry.path, dataFolder: join(folder, 'data') }),
        log: recordingLog(),
        folder,
        environment: { PATH: process.env.PATH },
        restart: () => {
          restarts += 1;
        },
      });
    }
    async function stop(): Promise<void> {
      await composition?.close();
      composition = undefined;
    }
    const seen = (commit: string) =>
      until(() => {
        const { applied, held } = composition?.kernel.head() ?? {};
        return applied === commit || held?.commit === commit;
      });

    it('is started with the plugins of the commit that was applied last', async () => {
      await start();
      await seen(first);
      await stop();
      const bad = registry.commit(cast.mallory, { 'platform.yaml': without() }, { unsigned: true });
      await start();
      await seen(bad);
      expect(plugins()).toContain('policies');
      expect(composition?.kernel.head()).toMatchObject({
        applied: first,
        held: { reason: 'SnapshotRejected' },
      });
      expect(restarts).toBe(0);
    });

    it('is refused also where all that the platform knew is lost', async () => {
      registry.commit(cast.mallory, { 'platform.yaml': without() }, { unsigned: true });
      const bad = registry.commit(cast.mallory, { 'README.md': 'mine' }, { unsigned: true });
      await start();
      await seen(bad);
      expect(plugins()).toContain('policies');
      expect(composition?.kernel.head()).toMatchObject({
        applied: first,
        held: { commit: bad, message: expect.stringMatching(/^SignatureMissing: .*Mallory/) },
      });
    });

    it('is applied when it may be, and the plugin then goes', async () => {
      const good = registry.commit(cast.ada, { 'platform.yaml': without() });
      await start();
      await seen(good);
      expect(composition?.kernel.head()).toMatchObject({ applied: good, held: null });
      await until(() => restarts === 1);
      await stop();
      await start();
      await seen(good);
      expect(plugins()).toEqual(['kernel', 'environments']);
    });
  },
);
