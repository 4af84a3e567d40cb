import { existsSync, readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { listSupportedBackends } from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { SessionSettings } from '../../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { openSession } from '../../../../../plugins/serving/dataplane/run/session.ts';
import { declaredDeployment } from '../../../../fixtures/declared-deployment.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { shownCurl } from '../../../../fixtures/shown-curl.ts';
import { until } from '../../../../fixtures/until.ts';
import { call, inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin, scaledModel } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';
import { threadsThatGiveWay } from '../fixtures/threads-that-give-way.ts';

/** What no machine of this sort has: ONNX Runtime brings it to other systems alone. */
const missing = (['dml', 'coreml', 'cuda'] as const).find(
  (name) => !listSupportedBackends().some((backend) => backend.name === name),
)!;

/** Where there is one, `cuda` may well work: then there is nothing to see. */
const hasNvidia = existsSync('/proc/driver/nvidia');

let folder: ReturnType<typeof temporaryFolder>;
let serving: Serving;

beforeEach(async () => {
  folder = temporaryFolder();
  serving = await startServing();
});

afterEach(async () => {
  await serving.stop();
  folder.remove();
});

const reportOf = (name: string) => serving.process.report().versions[`production/${name}/1.0.0`]!;

describe('how a session is made', () => {
  it.each(['inline', 'worker'] as const)(
    'rewrites the graph as far as the table says: %s',
    async (placement) => {
      const pinned = pin(folder.path, '1.0.0', scaledModel(), { placement });
      const serve = async (graphOptimization?: SessionSettings['graphOptimization']) => {
        const session = graphOptimization === undefined ? {} : { session: { graphOptimization } };
        await serving.follow(table(deployment('m', [{ ...pinned, ...session }])));
        const x = { name: 'x', datatype: 'FP32', shape: [1, 1, 1, 1], data: [1e-20] };
        return (await inferJson(serving.port, 'm', { inputs: [x] })).body.outputs?.[0]?.data?.[0];
      };
      expect(await serve('disabled')).toBe(0);
      expect(await serve('basic')).toBeCloseTo(1e-20, 25);
      // All is done where nothing is said.
      expect(await serve()).toBeCloseTo(1e-20, 25);
    },
  );

  // Linux alone tells how many threads there are, and ranks them: those that try a version lower, where there is something lower.
  it.runIf(process.platform === 'linux' && getPriority() < 19).each<[SessionSettings, number]>([
    [{}, 0],
    [{ intraOpThreads: 4 }, 3],
    [{ intraOpThreads: 3, executionMode: 'parallel' }, 2],
    [{ interOpThreads: 5, executionMode: 'parallel' }, 4],
    [{ interOpThreads: 5, intraOpThreads: 3, executionMode: 'parallel' }, 6],
    // Nothing is run side by side.
    [{ interOpThreads: 5, executionMode: 'sequential' }, 0],
    [{ interOpThreads: 5 }, 0],
  ])('has as many threads beside the event loop as the table says: %j', async (session, more) => {
    const plain = pin(folder.path, '1.0.0', linearModel(2, 0), { placement: 'inline' });
    const other = pin(folder.path, '1.0.0', linearModel(2, 1), { placement: 'inline' });
    const threads = () => readdirSync('/proc/self/task').length - threadsThatGiveWay().length;
    // The first session of a process has it start one for all.
    await serving.follow(table(deployment('plain', [plain])));
    const before = threads();
    await serving.follow(table(deployment('plain', [plain]), deployment('m', [{ ...other, session }])));
    await until(() => threads() === before + more, { what: `${more} more threads than ${before}` });
    expect((await inferJson(serving.port, 'm', row(3))).body.outputs?.[0]?.data).toEqual([7]);
  });

  it('is as docs/many-models.md shows it, for a version and by its deployment', async () => {
    const shown = parse(shownBlock('docs/many-models.md', 'yaml example session'));
    const { runtime } = shown.spec;
    const plain = pin(folder.path, shown.metadata.name, linearModel(2, 1));
    const threadsOf = async (declared: ReturnType<typeof declaredDeployment>) => {
      const before = threadsThatGiveWay().length;
      await serving.follow(table(declared));
      expect(reportOf('m').state).toBe('ready');
      expect((await inferJson(serving.port, 'm', row(3))).body.outputs?.[0]?.data).toEqual([7]);
      const threads = threadsThatGiveWay().length - before;
      await serving.follow(table());
      await until(() => threadsThatGiveWay().length === before, { what: 'its threads have ended' });
      return threads;
    };
    const inThread = { runtime: { placement: 'worker' } } as const;
    const declared = declaredDeployment('m', inThread, plain, { runtime });
    expect(declared.versions[0]!.session).toEqual({
      executionMode: 'sequential',
      graphOptimization: 'extended',
      intraOpThreads: 2,
      provider: 'cpu',
    });
    const own = { runtime: { ...inThread.runtime, intraOpThreads: 3 } };
    const counted = [
      await threadsOf(declared),
      await threadsOf(declaredDeployment('m', own, plain, { runtime })),
    ];
    // The worker's own, and those that the runtime starts for it, which other systems rank like all others.
    if (process.platform === 'linux') expect(counted).toEqual([2, 3]);
  });

  it.skipIf(hasNvidia)(
    'cannot be of a provider that this machine lacks, as docs/many-models.md tells it',
    async () => {
      const { metadata, spec } = parse(shownBlock('docs/many-models.md', 'yaml example provider'));
      const pinned = pin(folder.path, spec.version, linearModel(2, 1));
      await serving.follow(table(declaredDeployment(metadata.name, spec, pinned)));
      const { path } = shownCurl(shownBlock('docs/many-models.md', 'sh provider'));
      const told = JSON.parse(shownBlock('docs/many-models.md', 'json provider-answer'));
      const { status, body } = await call(serving.port, path);
      expect([status, Object.keys(body)]).toEqual([503, Object.keys(told)]);
      const [message, why] = told.error.split(': ');
      expect(why).toBe('…');
      expect(body).toMatchObject({ ...told, error: expect.stringContaining(`${message}: `) });
      const asked = await inferJson(serving.port, metadata.name, row(3));
      expect(asked).toMatchObject({ status: 503, body: { code: 'ModelFailed' } });
      expect(asked.body.error).toContain('ProviderUnavailable');
    },
  );

  it.skipIf(hasNvidia)(
    'is as it was where new settings cannot be, as docs/many-models.md tells it, until the process ends',
    async () => {
      const { metadata, spec } = parse(shownBlock('docs/many-models.md', 'yaml example provider'));
      const { runtime: _, ...before } = spec;
      const pinned = pin(folder.path, spec.version, linearModel(2, 1));
      await serving.follow(table(declaredDeployment(metadata.name, before, pinned)));
      await serving.follow(table(declaredDeployment(metadata.name, spec, pinned)));
      expect(reportOf(metadata.name)).toMatchObject({ state: 'failed', reason: 'ProviderUnavailable' });
      const { path } = shownCurl(shownBlock('docs/many-models.md', 'sh provider'));
      const { status, body } = await call(serving.port, path);
      expect(status).toBe(200);
      expect(body).toEqual(JSON.parse(shownBlock('docs/many-models.md', 'json provider-before')));
      const asked = await inferJson(serving.port, metadata.name, row(3));
      expect(asked).toMatchObject({ status: 200, body: { outputs: [{ data: [7] }] } });
    },
  );

  it('cannot be with a provider that this machine lacks, and says which', async () => {
    const plain = pin(folder.path, '1.0.0', linearModel(2, 1));
    const pinned = { ...plain, session: { provider: missing } };
    // The same artifact on the processor is another session, and serves on.
    await serving.follow(table(deployment('plain', [plain]), deployment('far', [pinned])));
    expect(reportOf('far')).toMatchObject({ state: 'failed', reason: 'ProviderUnavailable' });
    expect(reportOf('far').message).toContain(`"${missing}"`);
    expect(reportOf('far').message).toMatch(
      /Install what it needs .* choose another in runtime\.provider .*: cpu/,
    );
    expect(reportOf('plain').state).toBe('ready');
  });

  it('tells a provider that does not work from a model that is none', async () => {
    // A library or a device that it needs is not here; where everything is, there is nothing to see.
    const broken = listSupportedBackends().find(({ bundled }) => !bundled);
    const failure = openSession(new Uint8Array([1, 2, 3]), { provider: (broken?.name ?? 'cpu') as 'cpu' });
    await expect(failure).rejects.toMatchObject({ code: 'InvalidModel' });
  });
});
