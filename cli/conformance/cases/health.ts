import { isObject, parseObject } from '../expectations.ts';
import { allowed, type Case, type Finding, fails, passed } from '../kit.ts';
import { leeways } from '../leeways.ts';
import { listedVersion, modelOf, modelPath } from '../requests.ts';
import { NoAnswer, type RestAnswer, type RestClient } from '../rest-client.ts';
import { sources } from '../sources.ts';

const unknownModel = 'conformance-no-such-model';

export const healthCases: readonly Case[] = [
  {
    id: 'health/live',
    group: 'health',
    title: 'a live server answers 200 to /v2/health/live',
    source: sources.health,
    run: async ({ rest }) => healthy(await rest.ask('/v2/health/live'), ['live']),
  },
  {
    id: 'health/ready',
    group: 'health',
    title: 'a ready server answers 200 to /v2/health/ready',
    source: sources.health,
    // The specification writes "live" in the answer about readiness; who reads on expects "ready".
    run: async ({ rest }) => healthy(await rest.ask('/v2/health/ready'), ['ready', 'live']),
  },
  {
    id: 'health/model-ready',
    group: 'health',
    title: 'a ready model answers 200 to its /ready',
    source: sources.health,
    async run(subject) {
      const { name } = modelOf(subject);
      const answer = await subject.rest.ask(`${modelPath(name)}/ready`);
      const finding = healthy(answer, ['ready']);
      if (finding.outcome !== 'pass') return finding;
      const { name: said } = parseObject(answer.bytes);
      if (said === undefined) return allowed('the body has no "name"', leeways.nameOfReadyModel);
      return said === name ? passed : fails(`"name" is ${JSON.stringify(said)}`);
    },
  },
  {
    id: 'health/version-ready',
    group: 'health',
    title: 'a version that metadata lists answers 200 to its /ready',
    source: sources.health,
    async run(subject) {
      const { name } = modelOf(subject);
      const version = await listedVersion(subject, name);
      const path = `${modelPath(name)}/versions/${encodeURIComponent(version)}/ready`;
      return healthy(await subject.rest.ask(path), ['ready']);
    },
  },
  {
    id: 'health/unknown-model',
    group: 'health',
    title: 'a model that is not there is not ready',
    source: sources.health,
    async run({ rest }) {
      const { status, bytes } = await rest.ask(`${modelPath(unknownModel)}/ready`);
      if (status >= 400 && status < 500) return passed;
      if (status === 200) {
        const { ready } = parseObject(bytes);
        return ready === false
          ? allowed('answers 200 with "ready": false', leeways.unknownReadiness)
          : fails('is said to be ready');
      }
      return allowed(`answers ${status}`, leeways.unknownReadiness);
    },
  },
  {
    id: 'health/kept-connection',
    group: 'health',
    title: 'asking for health again over the same connection works',
    source: `${sources.connections}#section-9.3`,
    run: ({ rest }) => keptConnection(rest),
  },
];

async function keptConnection(rest: RestClient): Promise<Finding> {
  const kept = rest.keep();
  let closed = '';
  try {
    for (let turn = 0; turn < 3; turn++) {
      try {
        const { status, reused } = await kept.ask('/v2/health/live');
        if (status !== 200) return fails(`answers ${status} the ${turn + 1}. time`);
        if (turn > 0 && !reused) closed ||= 'closes it behind an answer';
      } catch (error) {
        if (!(error instanceof NoAnswer) || !error.closedBehindAnswer) throw error;
        closed ||= 'closes it behind an answer, without saying so';
      }
    }
  } finally {
    kept.close();
  }
  return closed === '' ? passed : allowed(closed, leeways.closedConnections);
}

/** 200 is what probes look at; the body says the same, or nothing. */
function healthy({ status, bytes }: RestAnswer, fields: readonly string[]): Finding {
  if (status !== 200) return fails(`answers ${status}`);
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    const what = bytes.length === 0 ? 'answers without a body' : 'answers with a body that is not JSON';
    return allowed(what, leeways.probeBodies);
  }
  if (!isObject(body)) return allowed('answers with JSON that is no object', leeways.probeBodies);
  const said = fields.map((field) => body[field]).find((value) => value !== undefined);
  if (said === undefined) return allowed(`the body has no "${fields[0]}"`, leeways.probeBodies);
  return said === true ? passed : fails(`answers 200 and says ${JSON.stringify(said)}`);
}
