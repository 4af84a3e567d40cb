import { clientError, inferenceOf, parseObject } from '../expectations.ts';
import { allowed, type Case, type Finding, fails, passed, type Subject } from '../kit.ts';
import { type Leeway, leeways } from '../leeways.ts';
import { inferencePath, listsVersions, modelOf, modelPath, needFixture } from '../requests.ts';
import type { RestAnswer } from '../rest-client.ts';
import { sources } from '../sources.ts';
import { sumFixture, sumInputs } from '../sum-fixture.ts';

const [a, b] = sumInputs([1, 2], [3, 4]);
const json = { 'content-type': 'application/json' };
const anyModel = 'any model' as const;

export const errorCases: readonly Case[] = [
  refused('not-json', 'a body that is not JSON is the client’s error', '{"inputs": [', anyModel),
  refused('empty-body', 'an empty body is the client’s error', '', anyModel),
  refused('no-object', 'JSON that is no object is the client’s error', '[]', anyModel),
  refused('no-inputs', 'a request without inputs is the client’s error', '{}', anyModel),
  refused(
    'not-utf8',
    'text that is not UTF-8 is the client’s error',
    Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
    anyModel,
  ),
  refused('missing-input', 'an input that is missing is the client’s error', { inputs: [a] }),
  refused(
    'input-twice',
    'an input that is given twice is the client’s error',
    { inputs: [a, b, b] },
    'fixture',
    leeways.inputsTwice,
  ),
  refused('unknown-input', 'an input that the model does not have is the client’s error', {
    inputs: [a, { ...b, name: 'c' }],
  }),
  refused(
    'wrong-datatype',
    'an input of another datatype is the client’s error',
    {
      inputs: [a, { ...b, datatype: 'INT64' }],
    },
    'fixture',
    leeways.otherDatatypes,
  ),
  refused('unknown-datatype', 'a datatype that does not exist is the client’s error', {
    inputs: [a, { ...b, datatype: 'FP33' }],
  }),
  refused('wrong-rank', 'a shape of other dimensions is the client’s error', {
    inputs: [a, { ...b, shape: [2] }],
  }),
  refused('wrong-size', 'a shape that does not fit the model is the client’s error', {
    inputs: [
      { ...a, shape: [1, 3], data: [1, 2, 3] },
      { ...b, shape: [1, 3], data: [1, 2, 3] },
    ],
  }),
  refused('negative-shape', 'a negative size is the client’s error', {
    inputs: [a, { ...b, shape: [-1, 2] }],
  }),
  refused('too-few-elements', 'fewer elements than the shape has are the client’s error', {
    inputs: [a, { ...b, data: [1] }],
  }),
  refused('too-many-elements', 'more elements than the shape has are the client’s error', {
    inputs: [a, { ...b, data: [1, 2, 3] }],
  }),
  refused('no-shape', 'an input without a shape is the client’s error', {
    inputs: [a, { name: 'b', datatype: 'FP32', data: [1, 2] }],
  }),
  refused('no-data', 'an input without data is the client’s error', {
    inputs: [a, { name: 'b', datatype: 'FP32', shape: [1, 2] }],
  }),
  refused(
    'text-for-a-number',
    'a text where a number should be is the client’s error',
    {
      inputs: [a, { ...b, data: ['1', '2'] }],
    },
    'fixture',
    leeways.coercion,
  ),
  refused(
    'null-for-a-number',
    'null where a number should be is the client’s error',
    {
      inputs: [a, { ...b, data: [1, null] }],
    },
    'fixture',
    leeways.coercion,
  ),
  refused('unknown-output', 'an output that the model does not have is the client’s error', {
    inputs: [a, b],
    outputs: [{ name: 'product' }],
  }),
  refused(
    'deep-nesting',
    'JSON that is nested without end is the client’s error',
    '['.repeat(100_000),
    anyModel,
  ),
  {
    id: 'errors/unknown-model',
    group: 'errors',
    title: 'an inference of a model that is not there is the client’s error',
    source: sources.error,
    async run({ rest }) {
      const answer = await rest.post(inferencePath('conformance-no-such-model'), { inputs: [a] });
      return usually(answer, 'a model that is not there', [404, 400]);
    },
  },
  {
    id: 'errors/unknown-version',
    group: 'errors',
    title: 'an inference of a version that is not there is the client’s error',
    source: sources.error,
    async run(subject) {
      const { name, request } = modelOf(subject);
      const answer = await subject.rest.post(`${modelPath(name)}/versions/0.0.0-none/infer`, request);
      // Who has no versions need not have the path: what answers then is HTTP, or says that it is not implemented.
      const { status, bytes } = answer;
      const hasNoPath = status === 501 || (status === 404 && !saysError(bytes));
      if (hasNoPath && !(await listsVersions(subject, name)))
        return allowed(`answers ${status}, and has no versions`, leeways.noVersions);
      return usually(answer, 'a version that is not there', [404, 400]);
    },
  },
  {
    id: 'errors/unknown-path',
    group: 'errors',
    title: 'a path that is none answers 404',
    source: sources.http,
    async run({ rest }) {
      const { status } = await rest.ask('/v2/no/such/path');
      if (status === 404) return passed;
      return otherError(status);
    },
  },
  {
    id: 'errors/method',
    group: 'errors',
    title: 'GET of an inference answers 405',
    source: sources.http,
    async run(subject) {
      const { name } = modelOf(subject);
      const { status, headers } = await subject.rest.ask(inferencePath(name));
      if (status !== 405) return otherError(status);
      return headers.allow === undefined ? allowed('405 without Allow', leeways.refusalsOfHttp) : passed;
    },
  },
  {
    id: 'errors/media-type',
    group: 'errors',
    title: 'a body that calls itself a picture answers 415',
    source: sources.http,
    async run(subject) {
      const { name, request } = modelOf(subject);
      const answer = await subject.rest.post(inferencePath(name), request, { 'content-type': 'image/png' });
      if (answer.status === 200) return allowed('looks at the body, and answers', leeways.mediaTypes);
      return refusedByHttp(answer, 415);
    },
  },
  {
    id: 'errors/content-coding',
    group: 'errors',
    title: 'a body in a coding that does not exist answers 415',
    source: sources.http,
    async run(subject) {
      const { name, request } = modelOf(subject);
      const headers = { 'content-encoding': 'conformance' };
      const answer = await subject.rest.post(inferencePath(name), request, headers);
      if (answer.status === 200) return allowed('takes the body as it is', leeways.contentCodings);
      return refusedByHttp(answer, 415);
    },
  },
  {
    id: 'errors/body-limit',
    group: 'errors',
    title: 'a body that is announced with 8 PiB answers 413 before it is sent',
    source: sources.http,
    async run(subject) {
      const { name } = modelOf(subject);
      const answer = await subject.rest.announce(inferencePath(name), Number.MAX_SAFE_INTEGER);
      if (answer === 'continue') return allowed('asks for it', leeways.bodyLimits);
      if (answer === 'closed') return allowed('closes the connection', leeways.bodyLimits);
      return refusedByHttp(answer, 413);
    },
  },
  {
    id: 'errors/goes-on',
    group: 'errors',
    title: 'after all of that, the model answers as before',
    source: sources.inference,
    async run(subject) {
      const { name, request } = modelOf(subject);
      inferenceOf(await subject.rest.post(inferencePath(name), request));
      return passed;
    },
  },
];

/** An error of HTTP and not of the protocol: any that is the client's. */
function otherError(status: number): Finding {
  return status >= 400 && status < 500
    ? allowed(`answers ${status}`, leeways.refusalsOfHttp)
    : fails(`answers ${status}`);
}

type Target = 'fixture' | typeof anyModel;

/** `mayAnswer`: why a server may answer all the same. */
function refused(
  name: string,
  title: string,
  body: unknown,
  target: Target = 'fixture',
  mayAnswer?: Leeway,
): Case {
  return {
    id: `errors/${name}`,
    group: 'errors',
    title,
    source: sources.error,
    async run(subject: Subject) {
      const model = target === 'fixture' ? await needFixture(subject, sumFixture) : modelOf(subject).name;
      const answer = Buffer.isBuffer(body)
        ? await subject.rest.ask(inferencePath(model), { headers: json, body })
        : await subject.rest.post(inferencePath(model), body);
      if (mayAnswer !== undefined && answer.status === 200)
        return allowed('takes it, and answers', mayAnswer);
      return usually(answer, 'it', [400, 422]);
    },
  };
}

function usually(answer: RestAnswer, subject: string, statuses: readonly number[]): Finding {
  clientError(answer, subject);
  return statuses.includes(answer.status) ? passed : allowed(`answers ${answer.status}`, leeways.statuses);
}

/** HTTP refuses on its own, where a server lets it: with that status in the first place, and with whatever body. */
function refusedByHttp(answer: RestAnswer, usual: number): Finding {
  const { status, bytes } = answer;
  if (status !== usual) return otherError(status);
  return saysError(bytes) ? passed : allowed('answers without a text in "error"', leeways.errorsOfHttp);
}

function saysError(bytes: Buffer): boolean {
  try {
    const { error } = parseObject(bytes);
    return typeof error === 'string' && error.trim() !== '';
  } catch {
    return false;
  }
}
