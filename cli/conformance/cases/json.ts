import { flat, inferenceOf, type ResponseBody, sameElements, tensorsOf } from '../expectations.ts';
import { allowed, type Case, fails, passed, type Subject } from '../kit.ts';
import { leeways } from '../leeways.ts';
import { inferencePath, listedVersion, modelOf, modelPath, needFixture } from '../requests.ts';
import { sources } from '../sources.ts';
import { sumFixture, sumInputs } from '../sum-fixture.ts';

export const jsonCases: readonly Case[] = [
  {
    id: 'json/infer',
    group: 'json',
    title: 'an inference answers with all outputs that metadata lists, of their datatype and shape',
    source: sources.inference,
    async run(subject) {
      const { name, request } = modelOf(subject);
      const body = inferenceOf(await subject.rest.post(inferencePath(name), request));
      const declared = tensorsOf((await subject.metadata(name)).outputs, 'outputs');
      for (const { name: output, datatype, shape } of declared) {
        const given = body.outputs.find((one) => one.name === output);
        if (given === undefined) return fails(`the output "${output}" is missing`);
        if (given.datatype !== datatype)
          return fails(`the output "${output}" is ${given.datatype}, metadata says ${datatype}`);
        const fits =
          shape.length === given.shape.length &&
          shape.every((size, axis) => size === -1 || size === given.shape[axis]);
        if (!fits)
          return fails(`the output "${output}" has shape [${given.shape}], metadata says [${shape}]`);
        flat(given);
      }
      if (body.outputs.length !== declared.length) return fails('has outputs that metadata does not list');
      return body.model_name === name
        ? passed
        : allowed(`"model_name" is ${JSON.stringify(body.model_name)}`, leeways.modelNames);
    },
  },
  {
    id: 'json/content-type',
    group: 'json',
    title: 'an answer in JSON says that it is',
    source: sources.http,
    async run(subject) {
      const { name, request } = modelOf(subject);
      const { headers } = await subject.rest.post(inferencePath(name), request);
      const type = headers['content-type'];
      if (type === undefined) return allowed('has no Content-Type', leeways.noContentType);
      return /^application\/json\b/i.test(type) ? passed : fails(`Content-Type is ${type}`);
    },
  },
  {
    id: 'json/charset',
    group: 'json',
    title: 'a Content-Type with a charset is JSON, too',
    source: sources.http,
    async run(subject) {
      const { name, request } = modelOf(subject);
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      inferenceOf(await subject.rest.post(inferencePath(name), request, headers));
      return passed;
    },
  },
  {
    id: 'json/id',
    group: 'json',
    title: 'the id of a request comes back',
    source: sources.inference,
    async run(subject) {
      const { name, request } = modelOf(subject);
      for (const id of ['42', 'a "quoted" id, ünïcode ✓']) {
        const body = inferenceOf(await subject.rest.post(inferencePath(name), { ...request, id }));
        if (body.id !== id) return fails(`"id" is ${JSON.stringify(body.id)}, not ${JSON.stringify(id)}`);
      }
      return passed;
    },
  },
  {
    id: 'json/no-id',
    group: 'json',
    title: 'an answer to a request without an id has none',
    source: sources.inference,
    async run(subject) {
      const { name, request } = modelOf(subject);
      const { id: _, ...without } = request;
      const body = inferenceOf(await subject.rest.post(inferencePath(name), without));
      if (body.id === undefined) return passed;
      const said = `"id" is ${JSON.stringify(body.id)}`;
      return body.id === null || typeof body.id === 'string' ? allowed(said, leeways.madeUpIds) : fails(said);
    },
  },
  {
    id: 'json/chunked',
    group: 'json',
    title: 'a body that is sent in chunks is read',
    source: sources.http,
    async run(subject) {
      const { name, request } = modelOf(subject);
      const { headers, body } = { headers: chunked, body: JSON.stringify(request) };
      inferenceOf(await subject.rest.ask(inferencePath(name), { method: 'POST', headers, body }));
      return passed;
    },
  },
  {
    id: 'json/version',
    group: 'json',
    title: 'a version that metadata lists answers by its path',
    source: sources.inference,
    async run(subject) {
      const { name, request } = modelOf(subject);
      const version = await listedVersion(subject, name);
      const path = `${modelPath(name)}/versions/${encodeURIComponent(version)}/infer`;
      const body = inferenceOf(await subject.rest.post(path, request));
      if (body.model_version === undefined || body.model_version === null)
        return allowed('the answer has no "model_version"', leeways.noVersions);
      return body.model_version === version
        ? passed
        : fails(`"model_version" is ${JSON.stringify(body.model_version)}, not "${version}"`);
    },
  },
  {
    id: 'json/model-version',
    group: 'json',
    title: 'an answer names the version by a text, or does not have the field',
    source: sources.inference,
    async run(subject) {
      const { name, request } = modelOf(subject);
      const { model_version: version } = inferenceOf(await subject.rest.post(inferencePath(name), request));
      return version === undefined || typeof version === 'string'
        ? passed
        : fails(`"model_version" is ${JSON.stringify(version)}`);
    },
  },
  {
    id: 'json/flat',
    group: 'json',
    title: 'data may be one flat row of elements',
    source: sources.data,
    run: (subject) => sums(subject, { inputs: sumInputs([1, 2, 3, 4], [10, 20, 30, 40]) }, [11, 22, 33, 44]),
  },
  {
    id: 'json/nested',
    group: 'json',
    title: 'data may be nested as the shape is',
    source: sources.data,
    run: (subject) =>
      sums(
        subject,
        {
          inputs: sumInputs(
            [
              [1, 2],
              [3, 4],
            ],
            [
              [10, 20],
              [30, 40],
            ],
          ),
        },
        [11, 22, 33, 44],
      ),
  },
  {
    id: 'json/input-order',
    group: 'json',
    title: 'inputs are told apart by their names, in whatever order they come',
    source: sources.inference,
    async run(subject) {
      const [a, b] = sumInputs([5, 6], [1, 2]);
      return sums(subject, { inputs: [b, a] }, [6, 8], [4, 4]);
    },
  },
  {
    id: 'json/field-order',
    group: 'json',
    title: 'the fields of an object may come in any order, with any white space and escapes',
    source: sources.json,
    async run(subject) {
      const text = `\r\n\t{ "parameters" : { } , "inputs":[
        {"data" : [ 1 , 2 ],"shape":[ 1,2 ], "datatype":"FP32","name":"\\u0061"},
        {"data":[3,4],"datatype":"FP32","name":"b","shape":[1,2]}\n ] }  `;
      return sums(subject, text, [4, 6], [-2, -2]);
    },
  },
  {
    id: 'json/number-forms',
    group: 'json',
    title: 'numbers are read in every form that JSON has',
    source: sources.json,
    async run(subject) {
      const text = `{"inputs":[{"name":"a","datatype":"FP32","shape":[2,2],"data":[1e2,-2.5E-1,0.0,-0]},
        {"name":"b","datatype":"FP32","shape":[2,2],"data":[1,1E+0,12345678,0.1]}]}`;
      return sums(subject, text, [101, 0.75, 12345678, 0.1]);
    },
  },
  {
    id: 'json/requested-outputs',
    group: 'json',
    title: 'only the outputs that were asked for come back',
    source: sources.inference,
    async run(subject) {
      const model = await needFixture(subject, sumFixture);
      const inputs = sumInputs([1, 2], [3, 4]);
      for (const wanted of [['difference'], ['difference', 'sum']]) {
        const outputs = wanted.map((name) => ({ name }));
        const body = inferenceOf(await subject.rest.post(inferencePath(model), { inputs, outputs }));
        const given = body.outputs.map(({ name }) => name);
        if ([...given].sort().join() !== [...wanted].sort().join())
          return fails(`asked for ${wanted}, got ${given}`);
        checkSums(body, [4, 6], [-2, -2]);
        if (given.join() !== wanted.join())
          return allowed(`comes in another order than was asked for: ${given}`, leeways.orderOfOutputs);
      }
      return passed;
    },
  },
  {
    id: 'json/rows',
    group: 'json',
    title: 'each row of a batch has its own answer',
    source: sources.inference,
    async run(subject) {
      const rows = 64;
      const numbers = Array.from({ length: rows * 2 }, (_, index) => index);
      const ones = numbers.map(() => 1);
      return sums(
        subject,
        { inputs: sumInputs(numbers, ones) },
        numbers.map((value) => value + 1),
        numbers.map((value) => value - 1),
      );
    },
  },
];

const chunked = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };

async function sums(
  subject: Subject,
  request: unknown,
  sum: readonly number[],
  difference?: readonly number[],
): Promise<typeof passed> {
  const model = await needFixture(subject, sumFixture);
  const body = inferenceOf(await subject.rest.post(inferencePath(model), request));
  checkSums(body, sum, difference);
  if (body.outputs.length !== 2) throw new Error(`has ${body.outputs.length} outputs instead of 2`);
  return passed;
}

function checkSums(body: ResponseBody, sum: readonly number[], difference?: readonly number[]): void {
  for (const output of body.outputs) {
    const expected = output.name === 'sum' ? sum : difference;
    if (expected !== undefined) sameElements(flat(output), expected, `the output "${output.name}"`);
  }
}
