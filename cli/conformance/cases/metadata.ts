import { clientError, objectOf, tensorsOf } from '../expectations.ts';
import { allowed, type Case, fails, passed } from '../kit.ts';
import { leeways } from '../leeways.ts';
import { listedVersion, modelOf, modelPath } from '../requests.ts';
import { sources } from '../sources.ts';

const knownPlatforms = new Set([
  'tensorrt_plan',
  'tensorflow_graphdef',
  'tensorflow_savedmodel',
  'onnx_onnxv1',
  'pytorch_torchscript',
  'mxnet_mxnet',
  'caffe2_netdef',
]);

export const metadataCases: readonly Case[] = [
  {
    id: 'metadata/server',
    group: 'metadata',
    title: 'the server gives its name, version and extensions',
    source: sources.server,
    async run({ rest }) {
      const body = objectOf(await rest.ask('/v2'));
      for (const field of ['name', 'version'])
        if (typeof body[field] !== 'string') return fails(`"${field}" is ${JSON.stringify(body[field])}`);
      const { extensions } = body;
      return Array.isArray(extensions) && extensions.every((one) => typeof one === 'string')
        ? passed
        : fails(`"extensions" is ${JSON.stringify(extensions)}`);
    },
  },
  {
    id: 'metadata/model',
    group: 'metadata',
    title: 'a model gives its name, inputs and outputs with datatypes and shapes',
    source: sources.model,
    async run(subject) {
      const { name } = modelOf(subject);
      const body = objectOf(await subject.rest.ask(modelPath(name)));
      if (body.name !== name) return fails(`"name" is ${JSON.stringify(body.name)}`);
      tensorsOf(body.inputs, 'inputs');
      return tensorsOf(body.outputs, 'outputs').length === 0 ? fails('"outputs" is empty') : passed;
    },
  },
  {
    id: 'metadata/versions',
    group: 'metadata',
    title: 'a model lists its versions as texts, or does not have the field',
    source: sources.model,
    async run(subject) {
      const { versions } = objectOf(await subject.rest.ask(modelPath(modelOf(subject).name)));
      if (versions === undefined) return passed;
      return Array.isArray(versions) && versions.every((one) => typeof one === 'string')
        ? passed
        : fails(`"versions" is ${JSON.stringify(versions)}`);
    },
  },
  {
    id: 'metadata/platform',
    group: 'metadata',
    title: 'a model gives its platform, by a name that the specification lists',
    source: sources.model,
    async run(subject) {
      const { name } = modelOf(subject);
      const { platform } = objectOf(await subject.rest.ask(modelPath(name)));
      if (typeof platform !== 'string') return fails(`"platform" is ${JSON.stringify(platform)}`);
      return knownPlatforms.has(platform)
        ? passed
        : allowed(`"platform" is ${JSON.stringify(platform)}`, leeways.platforms);
    },
  },
  {
    id: 'metadata/version',
    group: 'metadata',
    title: 'a version that metadata lists can be looked at',
    source: sources.model,
    async run(subject) {
      const { name } = modelOf(subject);
      const version = await listedVersion(subject, name);
      const path = `${modelPath(name)}/versions/${encodeURIComponent(version)}`;
      const body = objectOf(await subject.rest.ask(path));
      return body.name === name ? passed : fails(`"name" is ${JSON.stringify(body.name)}`);
    },
  },
  {
    id: 'metadata/unknown-model',
    group: 'metadata',
    title: 'a model that is not there is an error with a message',
    source: sources.model,
    async run({ rest }) {
      const answer = await rest.ask(modelPath('conformance-no-such-model'));
      clientError(answer, 'a model that is not there');
      return answer.status === 404 || answer.status === 400
        ? passed
        : allowed(`answers ${answer.status}`, leeways.statuses);
    },
  },
];
