/** The paths of the Open Inference Protocol, for the default environment and for a named one. */
import type { Target } from '../ask/describe.ts';

/** Clients ask for the same few paths again and again. */
const known = new Map<string, Target>();
const mostKnown = 1_000;
const longestKnown = 512;

/** What a client that takes this server for a proxy writes before the path. */
const origin = /^https?:\/\/[^/?#]*/i;

/**
 * What a request target means; undefined where it means nothing here. An origin before the path, a query and a trailing
 * slash are ignored.
 */
export function parsePath(requestTarget: string): Target | undefined {
  const absolute = requestTarget.startsWith('/') ? requestTarget : requestTarget.replace(origin, '');
  // A query may be another with each request, as a key is.
  const query = absolute.indexOf('?');
  const url = query < 0 ? absolute : absolute.slice(0, query);
  const before = known.get(url);
  if (before !== undefined) return before;
  const target = readPath(url);
  if (target !== undefined && url.length <= longestKnown) {
    if (known.size === mostKnown) known.clear();
    known.set(url, target);
  }
  return target;
}

function readPath(url: string): Target | undefined {
  const parts = url.split('/');
  if (parts.at(-1) === '') parts.pop();
  let next = 1;
  let environment: string | undefined;
  if (parts[1] === 'environments') {
    environment = decode(parts[2]);
    if (environment === undefined) return undefined;
    next = 3;
  }
  if (parts[0] !== '' || parts[next] !== 'v2') return undefined;
  const [section, name, ...rest] = parts.slice(next + 1);
  if (section === undefined) return { what: 'server', environment };
  if (section === 'health' && rest.length === 0) {
    return name === 'live' || name === 'ready' ? { what: name, environment } : undefined;
  }
  if (section !== 'models') return undefined;
  const model = decode(name);
  if (model === undefined) return undefined;
  let version: string | undefined;
  if (rest[0] === 'versions') {
    version = decode(rest[1]);
    if (version === undefined) return undefined;
    rest.splice(0, 2);
  }
  const [action, ...more] = rest;
  if (more.length > 0) return undefined;
  if (action === undefined) return { what: 'model', environment, model, version };
  if (action === 'ready') return { what: 'modelReady', environment, model, version };
  if (action === 'predict') return { what: 'predict', environment, model, version };
  if (action === 'stats') return { what: 'statistics', environment, model, version };
  if (action === 'infer') return { what: 'infer', environment, model, version };
  // A label is of a prediction, which knows its version.
  if (action === 'feedback' && version === undefined)
    return { what: 'feedback', environment, model, version };
  return undefined;
}

function decode(part: string | undefined): string | undefined {
  if (part === undefined || part === '') return undefined;
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
