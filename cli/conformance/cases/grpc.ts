import { identityFixture } from '../datatype-samples.ts';
import { type TensorFacts, tensorsOf } from '../expectations.ts';
import {
  type Body,
  body,
  grpc,
  numbersOf,
  rawOf,
  type Sums,
  sameNumbers,
  says,
  sums,
  usual,
} from '../grpc-expectations.ts';
import { allowed, type Case, fails, passed } from '../kit.ts';
import { leeways } from '../leeways.ts';
import { fp32 } from '../raw-tensors.ts';
import { modelOf, needFixture } from '../requests.ts';
import { sources } from '../sources.ts';

/** How a server may say that it does not take what it was asked. */
const refusals: readonly string[] = ['INVALID_ARGUMENT', 'UNIMPLEMENTED', 'FAILED_PRECONDITION'];

export const grpcCases: readonly Case[] = [
  grpc('live', 'ServerLive says that it lives', async (client) =>
    says(await client.call('ServerLive'), 'live', true),
  ),
  grpc('ready', 'ServerReady says that it is ready', async (client) =>
    says(await client.call('ServerReady'), 'ready', true),
  ),
  grpc('server-metadata', 'ServerMetadata gives name and version', async (client) => {
    const { name, version } = body(await client.call('ServerMetadata'));
    return name !== '' && version !== ''
      ? passed
      : fails(`name "${String(name)}", version "${String(version)}"`);
  }),
  grpc('model-ready', 'ModelReady says that a ready model is', async (client, subject) =>
    says(await client.call('ModelReady', { name: modelOf(subject).name }), 'ready', true),
  ),
  grpc('unknown-model-ready', 'ModelReady says that a model that is not there is not', async (client) => {
    const answer = await client.call('ModelReady', { name: 'conformance-no-such-model' });
    if (answer.status === 'OK') return says(answer, 'ready', false);
    const finding = usual([answer], 'NOT_FOUND');
    return finding.outcome === 'fail'
      ? finding
      : allowed(`answers ${answer.status}`, leeways.unknownModelReady);
  }),
  grpc('model-metadata', 'ModelMetadata says the same as over REST', async (client, subject) => {
    const { name } = modelOf(subject);
    const over = body(await client.call('ModelMetadata', { name }));
    const rest = await subject.metadata(name);
    for (const side of ['inputs', 'outputs']) {
      const one = facts(over[side] as readonly Body[]);
      const other = facts(tensorsOf(rest[side], side));
      if (one !== other) return fails(`"${side}" is ${one}, over REST ${other}`);
    }
    return passed;
  }),
  grpc('unknown-model', 'a model that is not there is NOT_FOUND', async (client) => {
    const infer = await client.call('ModelInfer', { model_name: 'conformance-no-such-model' });
    const metadata = await client.call('ModelMetadata', { name: 'conformance-no-such-model' });
    for (const answer of [infer, metadata]) if (answer.status === 'OK') return fails('is answered');
    return usual([infer, metadata], 'NOT_FOUND');
  }),
  grpc('typed', 'typed contents are answered', async (client, subject) => {
    const answer = body(await client.call('ModelInfer', await sums(subject, [1, 2], [10, 20])));
    return sameNumbers(numbersOf(answer, 'sum'), [11, 22]);
  }),
  grpc('raw', 'raw contents are answered', async (client, subject) => {
    const { model_name, inputs } = await sums(subject, [1, 2], [10, 20]);
    const request = {
      model_name,
      inputs: inputs.map(({ contents: _, ...tensor }) => tensor),
      raw_input_contents: [fp32(1, 2), fp32(10, 20)],
    };
    return sameNumbers(numbersOf(body(await client.call('ModelInfer', request)), 'difference'), [-9, -18]);
  }),
  grpc('input-order', 'inputs are told apart by their names', async (client, subject) => {
    const request = await sums(subject, [1, 2], [10, 20]);
    const answer = body(
      await client.call('ModelInfer', { ...request, inputs: [...request.inputs].reverse() }),
    );
    return sameNumbers(numbersOf(answer, 'difference'), [-9, -18]);
  }),
  grpc('id', 'the id of a request comes back', async (client, subject) => {
    const answer = body(
      await client.call('ModelInfer', { ...(await sums(subject, [1, 2], [3, 4])), id: 'ünïcode ✓' }),
    );
    return answer.id === 'ünïcode ✓' ? passed : fails(`"id" is ${JSON.stringify(answer.id)}`);
  }),
  grpc('requested-outputs', 'only the outputs that were asked for come back', async (client, subject) => {
    const request = { ...(await sums(subject, [1, 2], [3, 4])), outputs: [{ name: 'difference' }] };
    const names = (body(await client.call('ModelInfer', request)).outputs as readonly Body[]).map(
      ({ name }) => name,
    );
    return names.join() === 'difference' ? passed : fails(`got ${names}`);
  }),
  grpc('non-finite', 'NaN and infinities come back', async (client, subject) => {
    const model_name = await needFixture(subject, identityFixture('FP32'));
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1];
    const input = { name: 'x', datatype: 'FP32', shape: [1, 4], contents: { fp32_contents: values } };
    return sameNumbers(
      numbersOf(body(await client.call('ModelInfer', { model_name, inputs: [input] })), 'y'),
      values,
    );
  }),
  grpc('long-integers', 'INT64 keeps all its digits', async (client, subject) => {
    const model_name = await needFixture(subject, identityFixture('INT64'));
    const values = ['9007199254740993', '-9223372036854775808', '0', '1'];
    const input = { name: 'x', datatype: 'INT64', shape: [1, 4], contents: { int64_contents: values } };
    const answer = body(await client.call('ModelInfer', { model_name, inputs: [input] }));
    const [output] = answer.outputs as readonly { contents?: { int64_contents: readonly string[] } }[];
    const raw = rawOf(answer, 0);
    const seen = raw === undefined ? output?.contents?.int64_contents : bigints(raw);
    return seen?.join() === values.join() ? passed : fails(`got ${seen?.join()}`);
  }),
  ...(
    [
      [
        'missing-input',
        'an input that is missing',
        (request: Sums) => ({ ...request, inputs: request.inputs.slice(1) }),
      ],
      [
        'wrong-size',
        'contents that do not fill the shape',
        (request: Sums) => ({ ...request, inputs: request.inputs.map((one) => ({ ...one, shape: [2, 2] })) }),
      ],
      [
        'wrong-datatype',
        'another datatype',
        (request: Sums) => ({
          ...request,
          inputs: request.inputs.map((one) => ({ ...one, datatype: 'FP64' })),
        }),
      ],
      [
        'unknown-output',
        'an output that is not there',
        (request: Sums) => ({ ...request, outputs: [{ name: 'product' }] }),
      ],
    ] as const
  ).map(([name, what, change]) =>
    grpc(name, `${what} is INVALID_ARGUMENT`, async (client, subject) => {
      const answer = await client.call('ModelInfer', change(await sums(subject, [1, 2], [3, 4])));
      if (answer.status === 'OK') return fails('is answered');
      return usual([answer], 'INVALID_ARGUMENT');
    }),
  ),
  grpc(
    'schedule',
    'a call that says how long it waits, and how soon it wants its turn, is answered',
    async (client, subject) => {
      const parameters = { timeout: { int64_param: 60_000_000 }, priority: { uint64_param: 1 } };
      const answer = await client.call('ModelInfer', {
        ...(await sums(subject, [1, 2], [10, 20])),
        parameters,
      });
      if (answer.status === 'OK') return sameNumbers(numbersOf(answer.body, 'sum'), [11, 22]);
      return refusals.includes(answer.status)
        ? allowed(`does not take them: ${answer.status}`, leeways.schedule)
        : fails(`is answered with ${answer.status}: ${answer.details}`);
    },
    sources.schedule,
  ),
  grpc(
    'deadline',
    'a call whose deadline is over is told so',
    async (client, subject) => {
      const { status, details } = await client.callLate('ModelInfer', await sums(subject, [1, 2], [10, 20]));
      if (status === 'DEADLINE_EXCEEDED') return passed;
      if (status === 'OK') return allowed('answers all the same', leeways.grpcDeadlines);
      if (status === 'none') return allowed('ends the call without a status', leeways.grpcDeadlines);
      if (status === 'open') return fails('leaves the call open');
      return ['CANCELLED', 'RESOURCE_EXHAUSTED', 'UNAVAILABLE'].includes(status)
        ? allowed(`answers ${status}`, leeways.grpcDeadlines)
        : fails(`is answered with ${status}: ${details}`);
    },
    sources.deadlineOfGrpc,
  ),
  grpc(
    'health',
    'the health protocol of gRPC says SERVING',
    async (client) => {
      const { status, body: said } = await client.health('');
      if (status === 'UNIMPLEMENTED') return allowed('does not have it', leeways.grpcHealth);
      return said.status === 'SERVING' ? passed : fails(`says ${String(said.status ?? status)}`);
    },
    sources.healthOfGrpc,
  ),
];

/** Tensors in the order of their names: none is written. */
function facts(tensors: readonly Body[] | readonly TensorFacts[]): string {
  const all = tensors.map(({ name, datatype, shape }) => [name, datatype, (shape as unknown[]).map(Number)]);
  return JSON.stringify(all.sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)));
}

function bigints(raw: Buffer): readonly string[] {
  return Array.from({ length: raw.length / 8 }, (_, index) => String(raw.readBigInt64LE(index * 8)));
}
