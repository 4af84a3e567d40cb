import { clientError, errorText, flat, sameElements } from '../expectations.ts';
import { allowed, type Case, type Finding, fails, passed, type Subject } from '../kit.ts';
import { leeways } from '../leeways.ts';
import { fp32, postBinary, type RawInput, readBinaryAnswer } from '../raw-tensors.ts';
import { inferencePath, needFixture } from '../requests.ts';
import { sources } from '../sources.ts';
import { sumFixture, sumInputs } from '../sum-fixture.ts';

const a = raw('a', fp32(1, 2, 3, 4));
const b = raw('b', fp32(10, 20, 30, 40));
const [sum, difference] = [
  [11, 22, 33, 44],
  [-9, -18, -27, -36],
];

export const binaryCases: readonly Case[] = [
  binary('inputs', 'inputs may be raw bytes, answered in JSON', async (subject, model) => {
    const { body, raw: bytes } = readBinaryAnswer(await postBinary(subject.rest, model, [a, b]));
    if (bytes.size > 0) return fails('answers in binary, which was not asked for');
    for (const output of body.outputs)
      sameElements(flat(output), output.name === 'sum' ? sum : difference, `the output "${output.name}"`);
    return passed;
  }),
  binary('input-order', 'raw inputs lie in the order of the JSON', async (subject, model) => {
    const { body } = readBinaryAnswer(await postBinary(subject.rest, model, [b, a]));
    for (const output of body.outputs)
      sameElements(flat(output), output.name === 'sum' ? sum : difference, `the output "${output.name}"`);
    return passed;
  }),
  binary('mixed-inputs', 'one input may be raw and another JSON', async (subject, model) => {
    const [json] = sumInputs([1, 2, 3, 4], []);
    const document = { inputs: [json, { ...describe(b) }] };
    const head = Buffer.from(JSON.stringify(document));
    const answer = await subject.rest.ask(inferencePath(model), {
      headers: { ...octets, 'inference-header-content-length': String(head.length) },
      body: Buffer.concat([head, b.bytes]),
    });
    const { body } = readBinaryAnswer(answer);
    for (const output of body.outputs)
      sameElements(flat(output), output.name === 'sum' ? sum : difference, `the output "${output.name}"`);
    return passed;
  }),
  binary(
    'output',
    'an output that asks for it comes back raw, and another does not',
    async (subject, model) => {
      const outputs = [{ name: 'sum', parameters: { binary_data: true } }, { name: 'difference' }];
      const { body, raw: bytes } = readBinaryAnswer(
        await postBinary(subject.rest, model, [a, b], { outputs }),
      );
      const json = body.outputs.find(({ name }) => name === 'difference');
      if (json?.data === undefined) return fails('the output "difference" is not in the JSON');
      sameElements(flat(json), difference, 'the output "difference"');
      return sameBytes(bytes.get('sum'), fp32(...sum), 'the output "sum"');
    },
  ),
  binary('all-outputs', '"binary_data_output" asks for all of them', async (subject, model) => {
    const parameters = { binary_data_output: true };
    const { raw: bytes } = readBinaryAnswer(await postBinary(subject.rest, model, [a, b], { parameters }));
    const finding = sameBytes(bytes.get('sum'), fp32(...sum), 'the output "sum"');
    if (finding.outcome !== 'pass') return finding;
    return sameBytes(bytes.get('difference'), fp32(...difference), 'the output "difference"');
  }),
  binary(
    'override',
    '"binary_data" of an output counts for more than "binary_data_output"',
    async (subject, model) => {
      const more = {
        parameters: { binary_data_output: true },
        outputs: [{ name: 'sum', parameters: { binary_data: false } }, { name: 'difference' }],
      };
      const { body, raw: bytes } = readBinaryAnswer(await postBinary(subject.rest, model, [a, b], more));
      const json = body.outputs.find(({ name }) => name === 'sum');
      if (json?.data === undefined) return fails('the output "sum" is not in the JSON');
      return sameBytes(bytes.get('difference'), fp32(...difference), 'the output "difference"');
    },
  ),
  binary('json-request', 'a request in JSON may ask for raw outputs', async (subject, model) => {
    const request = { inputs: sumInputs([1, 2], [3, 4]), parameters: { binary_data_output: true } };
    const { raw: bytes } = readBinaryAnswer(await subject.rest.post(inferencePath(model), request));
    return sameBytes(bytes.get('sum'), fp32(4, 6), 'the output "sum"');
  }),
  binary('content-type', 'an answer with raw outputs says that it is no JSON', async (subject, model) => {
    const parameters = { binary_data_output: true };
    const { headers } = await postBinary(subject.rest, model, [a, b], { parameters });
    const type = headers['content-type'];
    if (type === undefined) return allowed('has no Content-Type', leeways.noContentType);
    return /json/i.test(type) ? fails(`Content-Type is ${type}`) : passed;
  }),
  binary('non-finite', 'NaN and infinities come back bit by bit', async (subject) => {
    const model = await needFixture(subject, 'conformance-fp32');
    const bytes = fp32(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0);
    const parameters = { binary_data_output: true };
    const x: RawInput = { name: 'x', datatype: 'FP32', shape: [1, 4], bytes };
    const { raw: given } = readBinaryAnswer(await postBinary(subject.rest, model, [x], { parameters }));
    return sameBytes(given.get('y'), bytes, 'the output "y"');
  }),
  binary('raw-form', 'a body without any JSON is the only input of a model', async (subject) => {
    const model = await needFixture(subject, 'conformance-fp32');
    const bytes = fp32(1, 2, 3, 4);
    const answer = await subject.rest.ask(inferencePath(model), {
      headers: { ...octets, 'inference-header-content-length': '0' },
      body: bytes,
    });
    if (answer.status >= 400 && answer.status < 500)
      return allowed(`refuses it: ${errorText(answer)}`, leeways.rawForm);
    return sameBytes(readBinaryAnswer(answer).raw.get('y'), bytes, 'the output "y"');
  }),
  binary('too-few-bytes', 'fewer bytes than are announced are the client’s error', async (subject, model) => {
    const short = { ...a, bytes: a.bytes.subarray(0, 12) };
    clientError(await postBinary(subject.rest, model, [short, b]), 'a tensor of too few bytes');
    return passed;
  }),
  binary('bytes-left', 'bytes that belong to no input are the client’s error', async (subject, model) => {
    const document = Buffer.from(JSON.stringify({ inputs: [describe(a), describe(b)] }));
    const answer = await subject.rest.ask(inferencePath(model), {
      headers: { ...octets, 'inference-header-content-length': String(document.length) },
      body: Buffer.concat([document, a.bytes, b.bytes, Buffer.from('left')]),
    });
    if (answer.status === 200) return allowed('answers, and leaves them unread', leeways.bytesLeft);
    clientError(answer, 'bytes that belong to no input');
    return passed;
  }),
  binary(
    'impossible-length',
    'JSON that is said to be longer than the body is the client’s error',
    async (subject, model) => {
      const answered: string[] = [];
      for (const length of ['999999', '-1', 'many']) {
        const answer = await subject.rest.ask(inferencePath(model), {
          headers: { ...octets, 'inference-header-content-length': length },
          body: JSON.stringify({ inputs: sumInputs([1, 2], [3, 4]) }),
        });
        if (answer.status !== 200) clientError(answer, `Inference-Header-Content-Length: ${length}`);
        else {
          for (const output of readBinaryAnswer(answer).body.outputs)
            sameElements(
              flat(output),
              output.name === 'sum' ? [4, 6] : [-2, -2],
              `the output "${output.name}"`,
            );
          answered.push(length);
        }
      }
      return answered.length === 0
        ? passed
        : allowed(
            `answers the JSON that is there, where its length is said to be ${answered}`,
            leeways.lengths,
          );
    },
  ),
];

const octets = { 'content-type': 'application/octet-stream' };

function binary(
  name: string,
  title: string,
  run: (subject: Subject, model: string) => Promise<Finding>,
): Case {
  return {
    id: `binary/${name}`,
    group: 'binary',
    title,
    source: sources.binary,
    run: async (subject) => run(subject, await needFixture(subject, sumFixture)),
  };
}

function raw(name: string, bytes: Buffer): RawInput {
  return { name, datatype: 'FP32', shape: [bytes.length / 8, 2], bytes };
}

function describe({ name, datatype, shape, bytes }: RawInput) {
  return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
}

function sameBytes(seen: Buffer | undefined, expected: Buffer, what: string): Finding {
  if (seen === undefined) return fails(`${what} did not come back as raw bytes`);
  if (seen.equals(expected)) return passed;
  return fails(
    `${what} is ${seen.subarray(0, 32).toString('hex')}, not ${expected.subarray(0, 32).toString('hex')}`,
  );
}
