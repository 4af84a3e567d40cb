/** The inference server of this project with all fixture models, as it is and as one that differs from it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allCases } from '../../../cli/conformance/cases/index.ts';
import { fixtureModels } from '../../../cli/conformance/fixture-models.ts';
import { type GrpcAnswer, type GrpcClient, openGrpcClient } from '../../../cli/conformance/grpc-client.ts';
import { type CaseResult, runCases } from '../../../cli/conformance/kit.ts';
import { RestClient } from '../../../cli/conformance/rest-client.ts';
import { openSubject } from '../../../cli/conformance/subject.ts';
import { startServing } from '../../plugins/serving/dataplane/fixtures/in-process.ts';
import { builtModel, linearModel, pin } from '../../plugins/serving/dataplane/fixtures/models.ts';
import { deployment, table } from '../../plugins/serving/dataplane/fixtures/tables.ts';
import { type Change, startProxy } from './changing-proxy.ts';

/** What is changed of an answer over gRPC; `method` is the service's own, `callLate`, `health`, `v1` or `v1alpha` (of reflection). */
export type GrpcChange = (answer: GrpcAnswer, method: string) => GrpcAnswer;

export interface Difference {
  readonly rest?: Change;
  readonly grpc?: GrpcChange;
}

export interface ServedFixtures {
  readonly folder: string;
  readonly url: string;
  /** Where it answers gRPC. */
  readonly grpc: string;
  /** What the cases say of a server that differs. */
  resultsOf(
    difference: Difference,
    only: (id: string) => boolean,
    model?: string,
  ): Promise<readonly CaseResult[]>;
  stop(): Promise<void>;
}

export async function serveFixtures(): Promise<ServedFixtures> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-conformance-'));
  const serving = await startServing();
  const fixtures = fixtureModels().map(({ name, bytes }) =>
    deployment(name, [pin(folder, '1.0.0', builtModel(bytes))]),
  );
  await serving.follow(table(deployment('linear', [pin(folder, '1.2.0', linearModel(2, 1))]), ...fixtures));
  const address = `127.0.0.1:${await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' })}`;
  const nothing: Change = { at: /(?!)/ };
  return {
    folder,
    url: `http://127.0.0.1:${serving.port}`,
    grpc: address,
    async resultsOf(
      { rest: change = nothing, grpc: changeOfGrpc = (answer) => answer },
      only,
      model = 'linear',
    ) {
      const proxy = await startProxy(serving.port, change);
      const signal = AbortSignal.timeout(60_000);
      const rest = new RestClient({ server: proxy.url, headers: {}, timeoutMs: 20_000, signal });
      const grpc = changing(openGrpcClient(address, 20_000), changeOfGrpc);
      try {
        const subject = await openSubject({ rest, grpc, model });
        return await runCases(
          allCases.filter(({ id }) => only(id)),
          subject,
          signal,
        );
      } finally {
        grpc.close();
        await proxy.close();
      }
    },
    async stop() {
      await serving.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function changing(ours: GrpcClient, change: GrpcChange): GrpcClient {
  return {
    connect: () => ours.connect(),
    call: async (method, request) => change(await ours.call(method, request), method),
    callLate: async (method, request) =>
      change({ ...(await ours.callLate(method, request)), body: {} }, 'callLate'),
    health: async (service) => change(await ours.health(service), 'health'),
    reflect: async (version, question) => change(await ours.reflect(version, question), version),
    close: () => ours.close(),
  };
}
