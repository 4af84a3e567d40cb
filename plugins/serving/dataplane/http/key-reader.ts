import type { KeySource } from '../../../../core/capabilities/serving-runtime.ts';
import { cookieOf, headerOf, queryOf, type RequestFacts } from './request-facts.ts';

/** Reads the key of a request from where it is said to be; undefined where the request has none. */
export function keyReader({
  header,
  cookie,
  query,
}: KeySource): (request: RequestFacts) => string | undefined {
  if (header !== undefined) {
    const name = header.toLowerCase();
    return (request) => headerOf(request, name);
  }
  if (cookie !== undefined) return (request) => cookieOf(request, cookie);
  return (request) => queryOf(request, query!);
}
