import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ExampleTensor } from '../../core/capabilities/serving-runtime.ts';
import type { Host, Resource } from '../../core/plugin.ts';
import { pathOfUri } from '../../libraries/manifest-path/index.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { Comparison } from './comparisons.ts';
import { requestsUnusable } from './errors.ts';

export interface ReplayedRequest {
  readonly name: string;
  readonly inputs: readonly ExampleTensor[];
}

/** Where the requests come from, most telling first: what was recorded here, what the model declares, golden examples. */
export type RequestSource =
  | { readonly from: 'recorded'; readonly path: string; readonly identity: string }
  | { readonly from: 'declared'; readonly path: string; readonly blob: string }
  | { readonly from: 'examples' };

/** `folder` is the operator's, with a file `<model>.jsonl` of requests that production was asked. */
export function requestSource(
  folder: string | undefined,
  name: string,
  model: Resource<ModelSpec> | undefined,
): RequestSource {
  if (folder !== undefined) {
    const path = join(folder, `${name}.jsonl`);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile()) return { from: 'recorded', path, identity: `${found.size} ${found.mtimeMs}` };
  }
  const file = declaredFile(model);
  if (file !== undefined) return { from: 'declared', path: file.path, blob: file.blob };
  return { from: 'examples' };
}

function declaredFile(model: Resource<ModelSpec> | undefined) {
  const uri = model?.spec.evaluation?.requests;
  if (model === undefined || uri === undefined) return undefined;
  const path = pathOfUri(model, uri);
  return model.attachments.find((attachment) => attachment.path === path);
}

/** The last `most` requests of the source. Throws `RequestsUnusable` with the line that is wrong. */
export async function readRequests(
  source: RequestSource,
  pair: Comparison,
  most: number,
  readBlob: Host['readBlob'],
): Promise<readonly ReplayedRequest[]> {
  if (source.from === 'examples') return examplesOf(pair).slice(-most);
  const stream =
    source.from === 'recorded' ? createReadStream(source.path) : Readable.from(readBlob(source.blob));
  const last: { readonly line: number; readonly text: string }[] = [];
  let line = 0;
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text.trim() === '') continue;
    if (text.length > longestLine) throw requestsUnusable(`${source.path}:${line}`, 'the line is too long');
    last.push({ line, text });
    if (last.length > 2 * most) last.splice(0, last.length - most);
  }
  return last.slice(-most).map((one) => parseRequest(one.text, source.path, one.line));
}

const longestLine = 4 * 1024 * 1024;

/** Golden examples of both, each name once: the candidate's first. */
function examplesOf({ candidate, current }: Comparison): readonly ReplayedRequest[] {
  const found = new Map<string, ReplayedRequest>();
  for (const { spec } of [candidate, current]) {
    for (const { name, inputs } of spec.examples ?? [])
      if (!found.has(name)) found.set(name, { name, inputs });
  }
  return [...found.values()];
}

function parseRequest(text: string, path: string, line: number): ReplayedRequest {
  const where = `${path}:${line}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw requestsUnusable(where, 'it is not JSON');
  }
  const { id, inputs } = (value ?? {}) as { readonly id?: unknown; readonly inputs?: unknown };
  if (!Array.isArray(inputs)) throw requestsUnusable(where, 'it has no list of inputs');
  const name = typeof id === 'string' ? id : `line ${line}`;
  return { name, inputs: inputs.map((input) => parseTensor(input, where)) };
}

function parseTensor(value: unknown, where: string): ExampleTensor {
  const { name, datatype, shape, data } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || typeof datatype !== 'string')
    throw requestsUnusable(where, 'an input has no name or no datatype');
  const isShape = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!isShape || !Array.isArray(data))
    throw requestsUnusable(where, `the input "${name}" has no shape or no data`);
  const flat = data.flat(32) as unknown[];
  const elements = (shape as number[]).reduce((product, size) => product * size, 1);
  if (flat.length !== elements)
    throw requestsUnusable(
      where,
      `the input "${name}" has ${flat.length} elements, and its shape holds ${elements}`,
    );
  const isElement = (one: unknown) => ['number', 'string', 'boolean'].includes(typeof one);
  if (!flat.every(isElement)) throw requestsUnusable(where, `the input "${name}" holds what is no element`);
  return { name, datatype, shape: shape as number[], data: flat as (number | string | boolean)[] };
}
