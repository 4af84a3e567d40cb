import { listSupportedBackends } from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSession } from '../../../../../plugins/serving/dataplane/run/session.ts';
import { inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

/** What no machine of this sort has: ONNX Runtime brings it to other systems alone. */
const missing = (['dml', 'coreml', 'cuda'] as const).find(
  (name) => !listSupportedBackends().some((backend) => backend.name === name),
)!;

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
  it('is as the table says, and answers the same', async () => {
    const session = {
      graphOptimization: 'disabled',
      executionMode: 'parallel',
      intraOpThreads: 2,
      interOpThreads: 2,
    } as const;
    const pinned = { ...pin(folder.path, '1.0.0', linearModel(2, 1)), session };
    await serving.follow(table(deployment('m', [pinned])));
    expect(reportOf('m').state).toBe('ready');
    expect((await inferJson(serving.port, 'm', row(3))).body.outputs?.[0]?.data).toEqual([7]);
  });

  it('cannot be with a provider that this machine lacks, and says which', async () => {
    const plain = pin(folder.path, '1.0.0', linearModel(2, 1));
    const pinned = { ...plain, session: { provider: missing } };
    // The same artifact on the processor is another session, and serves on.
    await serving.follow(table(deployment('plain', [plain]), deployment('far', [pinned])));
    expect(reportOf('far')).toMatchObject({ state: 'failed', reason: 'ProviderUnavailable' });
    expect(reportOf('far').message).toContain(`"${missing}"`);
    expect(reportOf('plain').state).toBe('ready');
  });

  it('tells a provider that does not work from a model that is none', async () => {
    // A library or a device that it needs is not here; where everything is, there is nothing to see.
    const broken = listSupportedBackends().find(({ bundled }) => !bundled);
    const failure = openSession(new Uint8Array([1, 2, 3]), { provider: (broken?.name ?? 'cpu') as 'cpu' });
    await expect(failure).rejects.toMatchObject({ code: 'InvalidModel' });
  });
});
