import type { GrpcAnswer, GrpcClient } from '../grpc-client.ts';
import { allowed, type Case, type Finding, fails, passed, Skip, type Subject } from '../kit.ts';
import { fp32 } from '../raw-tensors.ts';
import { modelOf, needFixture } from '../requests.ts';
import { sources } from '../sources.ts';
import { sumFixture } from '../sum-fixture.ts';
import { identityFixture } from './datatypes.ts';

type Body = Readonly<Record<string, unknown>>;

/** How a server may say that it does not take what it was asked. */
const refusals: readonly string[] = ['INVALID_ARGUMENT', 'UNIMPLEMENTED', 'FAILED_PRECONDITION'];

const otherSources: Readonly<Record<string, string>> = {
  schedule: sources.schedule,
  deadline: sources.deadlineOfGrpc,
  health: sources.healthOfGrpc,
};

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
  grpc('model-metadata', 'ModelMetadata says the same as over REST', async (client, subject) => {
    const { name } = modelOf(subject);
    const over = body(await client.call('ModelMetadata', { name }));
    const rest = await subject.metadata(name);
    for (const side of ['inputs', 'outputs']) {
      const [one, other] = [over[side], rest[side]].map((tensors) =>
        JSON.stringify(
          (tensors as readonly Body[]).map((tensor) => [
            tensor.name,
            tensor.datatype,
            (tensor.shape as unknown[]).map(Number),
          ]),
        ),
      );
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
    const raw = (answer.raw_output_contents as readonly Buffer[])[0];
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
        ? allowed(`does not take them: ${answer.status}`)
        : fails(`is answered with ${answer.status}: ${answer.details}`);
    },
  ),
  grpc('deadline', 'a call whose deadline is over is told so', async (client, subject) => {
    const { status, details } = await client.callLate('ModelInfer', await sums(subject, [1, 2], [10, 20]));
    if (status === 'DEADLINE_EXCEEDED') return passed;
    if (status === 'OK') return allowed('answers all the same');
    if (status === 'none') return allowed('ends the call without a status, which the client knows by itself');
    if (status === 'open') return fails('leaves the call open');
    return ['CANCELLED', 'RESOURCE_EXHAUSTED', 'UNAVAILABLE'].includes(status)
      ? allowed(`answers ${status}`)
      : fails(`is answered with ${status}: ${details}`);
  }),
  grpc('health', 'the health protocol of gRPC says SERVING', async (client) => {
    const { status, body: said } = await client.health('');
    if (status === 'UNIMPLEMENTED') return allowed('does not have it');
    return said.status === 'SERVING' ? passed : fails(`says ${String(said.status ?? status)}`);
  }),
];

function grpc(
  name: string,
  title: string,
  run: (client: GrpcClient, subject: Subject) => Promise<Finding>,
): Case {
  return {
    id: `grpc/${name}`,
    group: 'grpc',
    title,
    source: otherSources[name] ?? sources.grpc,
    run(subject) {
      if (subject.grpc === undefined) throw new Skip('no gRPC address was named: --grpc HOST:PORT');
      return run(subject.grpc, subject);
    },
  };
}

function body({ status, details, body: said }: GrpcAnswer): Body {
  if (status !== 'OK') throw new Error(`answers ${status}: ${details}`);
  return said;
}

function says(answer: GrpcAnswer, field: string, expected: boolean): Finding {
  const said = body(answer)[field];
  return said === expected ? passed : fails(`"${field}" is ${JSON.stringify(said)}`);
}

/** The specification names no codes; these are what the field uses. A failure of the server is none of the client's. */
function usual(answers: readonly GrpcAnswer[], expected: string): Finding {
  for (const { status, details } of answers) {
    if (['INTERNAL', 'UNKNOWN', 'UNAVAILABLE', 'DEADLINE_EXCEEDED'].includes(status))
      return fails(`is answered with ${status}: ${details}`);
    if (details === '') return fails(`${status} says nothing`);
    if (status !== expected) return allowed(`answers ${status}`);
  }
  return passed;
}

type Sums = Awaited<ReturnType<typeof sums>>;

async function sums(subject: Subject, a: readonly number[], b: readonly number[]) {
  const tensor = (name: string, values: readonly number[]) => ({
    ...{ name, datatype: 'FP32', shape: [1, 2] },
    contents: { fp32_contents: values },
  });
  return { model_name: await needFixture(subject, sumFixture), inputs: [tensor('a', a), tensor('b', b)] };
}

/** FP32 of an output, typed or raw. */
function numbersOf(answer: Body, name: string): readonly number[] {
  const outputs = answer.outputs as readonly {
    name: string;
    contents?: { fp32_contents: readonly number[] };
  }[];
  const at = outputs.findIndex((output) => output.name === name);
  if (at < 0) throw new Error(`the output "${name}" is missing`);
  const raw = (answer.raw_output_contents as readonly Buffer[])[at];
  if (raw === undefined) return outputs[at]?.contents?.fp32_contents ?? [];
  return Array.from({ length: raw.length / 4 }, (_, index) => raw.readFloatLE(index * 4));
}

function bigints(raw: Buffer): readonly string[] {
  return Array.from({ length: raw.length / 8 }, (_, index) => String(raw.readBigInt64LE(index * 8)));
}

function sameNumbers(seen: readonly number[], expected: readonly number[]): Finding {
  const isSame =
    seen.length === expected.length && expected.every((value, index) => Object.is(value, seen[index]));
  return isSame ? passed : fails(`got ${seen.join()}, not ${expected.join()}`);
}
