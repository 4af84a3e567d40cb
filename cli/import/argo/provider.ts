import type { ResultShape } from '../condition/translate-conditions.ts';
import type { Fields } from '../fields.ts';
import type { Metric } from '../manifest.ts';
import { noEqual, sourceInvalid } from '../report.ts';
import { type DeclaredArguments, withDefaults, withOurNames } from './arguments.ts';
import { celOfJsonPath } from './json-path.ts';

export interface Provider {
  readonly provider: Metric['provider'];
  readonly shape: ResultShape;
}

const operators = 'servers, credentials and timeouts are named by the operator';

/** Where a metric comes from: `prometheus` and `web` have equals. */
export function providerOf(metric: Fields, to: string, known: DeclaredArguments): Provider {
  const provider = metric.demandMap('provider');
  const [name, ...others] = provider.names();
  if (name === undefined) throw sourceInvalid(provider.path, 'it names no provider');
  if (others.length > 0) throw sourceInvalid(provider.path, 'it names more than one provider');
  switch (name) {
    case 'prometheus':
      return prometheus(provider.demandMap(name), `${to}.prometheus`, known);
    case 'web':
      return web(provider.demandMap(name), `${to}.web`, known);
    case 'job':
      throw noEqual(
        provider.at(name),
        'a metric that runs a Kubernetes Job has no equal',
        'Let what the Job finds out be asked for over HTTP (`web`), or counted in Prometheus.',
      );
    default:
      throw noEqual(
        provider.at(name),
        `no metrics source called ${name} comes with Switchyard`,
        `Ask Prometheus or a web service for the number, or write a plugin that provides metrics-source ${name}.`,
      );
  }
}

function prometheus(fields: Fields, to: string, known: DeclaredArguments): Provider {
  const query = fields.text('query');
  if (query === undefined || query.trim() === '') throw sourceInvalid(fields.at('query'), 'it is missing');
  if (fields.has('rangeQuery')) {
    throw noEqual(
      fields.at('rangeQuery'),
      'a range query gives many numbers, and a query gives one here',
      'Aggregate over time in the query, as max_over_time does.',
    );
  }
  fields.imported('query', `${to}.query`);
  fields.noteAll(['address', 'timeout', 'authentication', 'headers'], 'elsewhere', operators);
  fields.note('insecure', 'dropped', 'certificates are always verified');
  fields.finish();
  return {
    provider: { prometheus: { query: withOurNames(query, fields.at('query'), known).trim() } },
    shape: 'number',
  };
}

function web(fields: Fields, to: string, known: DeclaredArguments): Provider {
  const method = fields.text('method') ?? 'GET';
  if (method !== 'GET' || fields.has('body') || fields.has('jsonBody')) {
    throw noEqual(
      fields.at(method === 'GET' ? 'body' : 'method'),
      `documents are read with GET, not with ${method === 'GET' ? 'a body' : method}`,
      'Offer what is asked for at an address of its own.',
    );
  }
  const url = urlOf(fields, `${to}.url`, known);
  const path = fields.text('jsonPath');
  const value = path === undefined ? 'body' : celOfJsonPath(withOurNames(path, fields.at('jsonPath'), known));
  if (value === undefined) {
    throw noEqual(
      fields.at('jsonPath'),
      `the path ${path} may find several values`,
      'Write a path of names and places, as in {$.data.items[0].ok}.',
    );
  }
  fields.imported('method', `${to}.url`);
  fields.note('jsonPath', 'imported', `in CEL: ${value}`, `${to}.value`);
  fields.noteAll(['headers', 'timeoutSeconds', 'authentication'], 'elsewhere', operators);
  fields.note('insecure', 'dropped', 'certificates are always verified');
  fields.finish();
  return {
    provider: { web: { url, value } },
    shape: 'document',
  };
}

/** Which server is asked is not for an argument to say: the operator allows origins. */
function urlOf(fields: Fields, to: string, known: DeclaredArguments): string {
  const written = fields.text('url');
  if (written === undefined) throw sourceInvalid(fields.at('url'), 'it is missing');
  const text = written.trim();
  const origin = /^[^/?#]*(?:\/\/[^/?#]*)?/.exec(text)?.[0] ?? '';
  const rest = withOurNames(text.slice(origin.length), fields.at('url'), known);
  if (!origin.includes('{{')) {
    fields.imported('url', to);
    return `${origin}${rest}`;
  }
  if (known.secrets.size > 0) withOurNames(origin, fields.at('url'), known);
  const fixed = `${withDefaults(origin, fields.at('url'), known)}${rest}`;
  fields.note('url', 'changed', `it is ${fixed}: which server is asked is not for an argument to say`, to);
  return fixed;
}
