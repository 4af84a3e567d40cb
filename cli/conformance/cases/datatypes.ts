import { identityFixture, samples } from '../datatype-samples.ts';
import { errorText, inferenceOf, sameElements } from '../expectations.ts';
import { allowed, type Case, type Finding, fails, passed, type Subject, skipped } from '../kit.ts';
import { leeways } from '../leeways.ts';
import { lengthPrefixed, postBinary, readBinaryAnswer } from '../raw-tensors.ts';
import { inferencePath, needFixture } from '../requests.ts';
import { sources } from '../sources.ts';

export const datatypeCases: readonly Case[] = [
  ...Object.entries(samples).flatMap(([datatype, sample]) => [
    ...(sample.json === undefined ? [] : [jsonCase(datatype, sample.json)]),
    rawCase(datatype, sample.raw),
  ]),
  {
    id: 'datatypes/nan-in-json',
    group: 'datatypes',
    title: 'an answer in JSON stays JSON where a number is NaN or infinite',
    source: sources.json,
    async run(subject) {
      const model = await needFixture(subject, identityFixture('FP32'));
      const bytes = Buffer.from(Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, 1, 2).buffer);
      if (!(await subject.hasBinary())) return skipped('cannot be asked without the binary extension');
      const answer = await postBinary(subject.rest, model, [
        { name: 'x', datatype: 'FP32', shape: [1, 4], bytes },
      ]);
      if (answer.status >= 400) {
        errorText(answer);
        return passed;
      }
      const { outputs } = inferenceOf(answer);
      return allowed(`answers with ${JSON.stringify(outputs[0]?.data)}`, leeways.nonFiniteNumbers);
    },
  },
  ...(
    [
      ['bytes-of-any-sort', 'BYTES that are no UTF-8', Buffer.from([0xff, 0x00, 0xfe])],
      ['bytes-with-nul', 'BYTES with a NUL among them', Buffer.from('a\0b')],
    ] as const
  ).map(([name, what, element]) => oddBytesCase(name, what, element)),
  {
    id: 'datatypes/fp16-in-json',
    group: 'datatypes',
    title: 'FP16 in JSON is answered in some way that can be read, without a failure',
    source: sources.data,
    async run(subject) {
      const model = await needFixture(subject, identityFixture('FP16'));
      const input = { name: 'x', datatype: 'FP16', shape: [1, 4], data: [1, 2, 3, 4] };
      const answer = await subject.rest.post(inferencePath(model), { inputs: [input] });
      if (answer.status >= 500) return fails(`answers ${answer.status}`);
      if (answer.status >= 400) {
        errorText(answer);
        return passed;
      }
      const { raw } = readBinaryAnswer(answer);
      const how = raw.size > 0 ? 'answers in binary, unasked' : 'takes FP16 as numbers of JSON';
      return allowed(how, leeways.halfFloatsInJson);
    },
  },
];

/** The protocol does not say what BYTES hold, and texts of an ONNX graph are UTF-8. */
function oddBytesCase(name: string, what: string, element: Buffer): Case {
  return {
    id: `datatypes/${name}`,
    group: 'datatypes',
    title: `${what} come back whole, or are the client’s error`,
    source: sources.datatypes,
    async run(subject) {
      const model = await needFixture(subject, identityFixture('BYTES'));
      if (!(await subject.hasBinary())) return skipped('cannot be asked without the binary extension');
      const bytes = lengthPrefixed(element, 'a', 'b', 'c');
      const parameters = { binary_data_output: true };
      const x = { name: 'x', datatype: 'BYTES', shape: [1, 4], bytes };
      const answer = await postBinary(subject.rest, model, [x], { parameters });
      if (answer.status >= 400 && answer.status < 500)
        return allowed(`refuses them: ${errorText(answer)}`, leeways.contentOfBytes);
      const seen = readBinaryAnswer(answer).raw.get('y');
      return seen?.equals(bytes) ? passed : fails(`come back as ${seen?.toString('hex') ?? 'JSON'}`);
    },
  };
}

function jsonCase(datatype: string, elements: readonly string[]): Case {
  return {
    id: `datatypes/${datatype.toLowerCase()}-json`,
    group: 'datatypes',
    title: `${datatype} keeps its values in JSON`,
    source: sources.datatypes,
    async run(subject) {
      const model = await needFixture(subject, identityFixture(datatype));
      const input = `{"name":"x","datatype":"${datatype}","shape":[1,4],"data":[${elements.join(',')}]}`;
      const answer = await subject.rest.post(inferencePath(model), `{"inputs":[${input}]}`);
      const { outputs } = inferenceOf(answer);
      const [output] = outputs;
      if (output?.datatype !== datatype) return fails(`comes back as ${output?.datatype}`);
      const text = answer.bytes.toString();
      if (datatype === 'FP64') return sameDoubles(text, elements);
      // The text itself: JSON.parse would cut what lies beyond 2^53.
      if (datatype.endsWith('INT64')) return sameIntegers(text, elements);
      const seen = (output.data as unknown[]).flat(Number.POSITIVE_INFINITY);
      const expected = elements.map((element) => JSON.parse(element) as unknown);
      sameElements(seen, expected, datatype);
      return passed;
    },
  };
}

function sameIntegers(text: string, elements: readonly string[]): Finding {
  const [, data = ''] = /"data"\s*:\s*\[([\s\S]*?)\]\s*[,}]/.exec(text) ?? [];
  const seen = data.replaceAll(/[[\]\s]/g, '').split(',');
  const differs = elements.findIndex((element, index) => seen[index] !== element);
  return differs < 0
    ? passed
    : fails(`element ${differs} is ${seen[differs] ?? 'missing'}, not ${elements[differs]}`);
}

function sameDoubles(text: string, elements: readonly string[]): Finding {
  const { outputs } = JSON.parse(text) as { outputs: readonly { data: readonly unknown[] }[] };
  const seen = (outputs[0]?.data ?? []).flat(Number.POSITIVE_INFINITY);
  const differs = elements.findIndex((element, index) => seen[index] !== Number(element));
  return differs < 0
    ? passed
    : fails(`element ${differs} is ${String(seen[differs])}, not ${elements[differs]}`);
}

function rawCase(datatype: string, raw: Buffer): Case {
  return {
    id: `datatypes/${datatype.toLowerCase()}-binary`,
    group: 'datatypes',
    title: `${datatype} keeps its bits in binary`,
    source: sources.binary,
    async run(subject: Subject) {
      const model = await needFixture(subject, identityFixture(datatype));
      if (!(await subject.hasBinary()))
        return skipped('the server does not list the extension binary_tensor_data');
      const input = { name: 'x', datatype, shape: [1, 4], bytes: raw };
      const parameters = { binary_data_output: true };
      const { raw: given } = readBinaryAnswer(await postBinary(subject.rest, model, [input], { parameters }));
      const seen = given.get('y');
      if (seen === undefined) return fails('does not come back as raw bytes');
      return seen.equals(raw) ? passed : fails(`is ${seen.toString('hex')}, not ${raw.toString('hex')}`);
    },
  };
}
