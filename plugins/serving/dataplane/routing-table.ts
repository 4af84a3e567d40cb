/**
 * The routing table: all that an inference process knows of the world. Control publishes it, the data plane obeys it.
 *
 * A table is checked whole before any of it is used. Fields that this version does not know are ignored, so that a newer
 * control plane can talk to an inference process that is still the older one; what it does know must be right.
 */
import type { JobPlace } from '../../../core/capabilities/prediction-jobs.ts';
import type {
  CacheRules,
  Example,
  ExampleTensor,
  LoggingRules,
  RateLimit,
  SessionSettings,
  Signature,
  TensorSpec,
  TrafficRules,
  Variant,
} from '../../../core/capabilities/serving-runtime.ts';
import { checkLogging, checkLogPlace } from './logging/check-logging.ts';
import { invalidRoutingTable } from './process-errors.ts';
import { checkRateLimits } from './route/check-rate-limits.ts';
import { checkTrafficRules } from './route/check-traffic-rules.ts';
import { amount, integer, list, record, shown, text } from './table-values.ts';
import { isDatatype } from './tensor/datatypes.ts';

export type {
  CacheRules,
  Example,
  ExampleTensor,
  LoggingRules,
  SessionSettings,
  Signature,
  TensorSpec,
  TrafficRules,
  Variant,
};

export interface RoutingTable {
  readonly format: 1;
  /** Counts up with every table that control publishes. */
  readonly revision: number;
  /** RFC 3339. */
  readonly publishedAt: string;
  /** The environment that a bare `/v2` means. */
  readonly defaultEnvironment?: string;
  /** Where predictions are handed in. Without it, none is logged. */
  readonly predictionLog?: LogPlace;
  /** Where jobs are handed in. Without it, none is taken. */
  readonly jobs?: JobPlace;
  readonly deployments: readonly ServedDeployment[];
}

export interface LogPlace {
  /** The folder that batches are written into. */
  readonly inbox: string;
  /** The file with the key that pseudonyms are made with. */
  readonly keyFile: string;
}

export interface ServedDeployment {
  readonly environment: string;
  /** What clients call it: `/v2/models/<name>`. */
  readonly name: string;
  readonly model: string;
  /** The registry commit that its answers are attributed to. */
  readonly commit: string;
  /** Digest of this entry: another generation is another route. */
  readonly generation: string;
  /** All versions to hold in memory: those that answer and those kept warm. */
  readonly versions: readonly PinnedVersion[];
  /** What answers. Weights of all but shadows sum to 100; a shadow's weight is the percentage that it sees. */
  readonly variants: readonly Variant[];
  /** Which requests go where, beside what weights say. */
  readonly rules?: TrafficRules;
  readonly batching: {
    /** Rows in one run at most. 1 turns batching off. */
    readonly maxBatchSize: number;
    /** How long a request may wait for company. 0: only what arrived in the same turn of the event loop. */
    readonly maxDelayMs: number;
  };
  readonly limits: {
    /** Requests that may wait per version; one more is refused with 429. */
    readonly maxQueue: number;
    /** From the whole body read to the answer. */
    readonly timeoutMs: number;
    /** How many requests of one key each process takes. */
    readonly rates?: readonly RateLimit[];
  };
  /** How many of its answers are kept for those who ask the same. Without it, none are. */
  readonly cache?: CacheRules;
  /** What of its predictions is logged. Without it, nothing is. */
  readonly logging?: LoggingRules;
}

export interface PinnedVersion {
  readonly version: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** The artifact in the content-addressed cache. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly signature: Signature;
  readonly examples: readonly Example[];
  /** Where its session runs; `auto` (the default) decides by the measured time of a run. */
  readonly placement?: Placement | 'auto';
  /** Worker threads that run it side by side; absent: one, or none where it runs inline. */
  readonly replicas?: number;
  /** How its session is made; absent: as the runtime does where nobody says anything. */
  readonly session?: SessionSettings;
}

/** On the process's own event loop, or in a worker thread of its own. */
export type Placement = 'inline' | 'worker';

/** The name of a deployment across environments: `production/bird-strike`. Keys `routes` of a report. */
export function deploymentKey(deployment: { readonly environment: string; readonly name: string }): string {
  return `${deployment.environment}/${deployment.name}`;
}

/** The name of a version in a deployment: `production/bird-strike/1.3.0`. Keys `versions` of a report. */
export function versionKey(
  deployment: { readonly environment: string; readonly name: string },
  version: string,
): string {
  return `${deployment.environment}/${deployment.name}/${version}`;
}

/** Whether the variant answers requests (a shadow only watches). */
export function answers(variant: Variant): boolean {
  return variant.role !== 'shadow' && variant.weight > 0;
}

/** Whether requests can reach the variant without naming its version: by weight, or because a rule leads to it. */
export function isRouted(variant: Variant, rules: TrafficRules | undefined): boolean {
  return answers(variant) || (rules?.matches ?? []).some(({ version }) => version === variant.version);
}

/** Reads a table from JSON text. Throws `InvalidRoutingTable` with the pointer of the first thing wrong. */
export function parseRoutingTable(text: string): RoutingTable {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidRoutingTable('', `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return checkRoutingTable(value);
}

/** Checks a parsed table and gives it its type. Throws `InvalidRoutingTable` with the pointer of the first thing wrong. */
export function checkRoutingTable(value: unknown): RoutingTable {
  const table = record(value, '');
  if (table.format !== 1) throw invalidRoutingTable('/format', `must be 1, is ${shown(table.format)}`);
  integer(table.revision, '/revision', 0);
  text(table.publishedAt, '/publishedAt');
  if (table.defaultEnvironment !== undefined) text(table.defaultEnvironment, '/defaultEnvironment');
  if (table.predictionLog !== undefined) checkLogPlace(table.predictionLog, '/predictionLog');
  if (table.jobs !== undefined) checkJobPlace(table.jobs, '/jobs');
  const names = new Set<string>();
  for (const [index, entry] of list(table.deployments, '/deployments').entries()) {
    const at = `/deployments/${index}`;
    const key = checkDeployment(entry, at);
    if (names.has(key)) throw invalidRoutingTable(at, `lists ${key} a second time`);
    names.add(key);
  }
  return value as RoutingTable;
}

function checkJobPlace(value: unknown, at: string): void {
  const place = record(value, at);
  text(place.folder, `${at}/folder`);
  integer(place.mostJobs, `${at}/mostJobs`, 1);
  integer(place.mostBytes, `${at}/mostBytes`, 1);
}

function checkDeployment(value: unknown, at: string): string {
  const deployment = record(value, at);
  const environment = text(deployment.environment, `${at}/environment`);
  const name = text(deployment.name, `${at}/name`);
  text(deployment.model, `${at}/model`);
  text(deployment.commit, `${at}/commit`);
  text(deployment.generation, `${at}/generation`);

  const versions = new Set<string>();
  for (const [index, pinned] of list(deployment.versions, `${at}/versions`).entries()) {
    const version = checkVersion(pinned, `${at}/versions/${index}`);
    if (versions.has(version)) throw invalidRoutingTable(`${at}/versions/${index}`, `pins ${version} twice`);
    versions.add(version);
  }
  const reachable = checkVariants(deployment.variants, `${at}/variants`, versions);
  if (deployment.rules !== undefined)
    checkTrafficRules(deployment.rules, `${at}/rules`, { reachable, versions });

  const batching = record(deployment.batching, `${at}/batching`);
  integer(batching.maxBatchSize, `${at}/batching/maxBatchSize`, 1);
  amount(batching.maxDelayMs, `${at}/batching/maxDelayMs`);
  const limits = record(deployment.limits, `${at}/limits`);
  integer(limits.maxQueue, `${at}/limits/maxQueue`, 1);
  integer(limits.timeoutMs, `${at}/limits/timeoutMs`, 1);
  if (deployment.cache !== undefined) {
    const cache = record(deployment.cache, `${at}/cache`);
    integer(cache.bytes, `${at}/cache/bytes`, 1);
    integer(cache.ttlMs, `${at}/cache/ttlMs`, 1);
  }
  if (limits.rates !== undefined) checkRateLimits(limits.rates, `${at}/limits/rates`);
  if (deployment.logging !== undefined) checkLogging(deployment.logging, `${at}/logging`);
  return deploymentKey({ environment, name });
}

/** Answers the versions of those that are no shadows. */
function checkVariants(value: unknown, at: string, versions: ReadonlySet<string>): ReadonlySet<string> {
  const variants = list(value, at);
  const reachable = new Set<string>();
  const seen = new Set<string>();
  let sum = 0;
  for (const [index, entry] of variants.entries()) {
    const variant = record(entry, `${at}/${index}`);
    const version = text(variant.version, `${at}/${index}/version`);
    if (!versions.has(version))
      throw invalidRoutingTable(`${at}/${index}/version`, `${version} is not pinned`);
    const role = text(variant.role, `${at}/${index}/role`);
    if (!['stable', 'candidate', 'shadow', 'arm'].includes(role)) {
      throw invalidRoutingTable(
        `${at}/${index}/role`,
        `must be stable, candidate, shadow or arm, is ${shown(role)}`,
      );
    }
    const weight = integer(variant.weight, `${at}/${index}/weight`, 0);
    if (weight > 100) throw invalidRoutingTable(`${at}/${index}/weight`, `must be at most 100, is ${weight}`);
    if (seen.has(version)) throw invalidRoutingTable(`${at}/${index}`, `routes ${version} twice`);
    seen.add(version);
    if (role === 'shadow') continue;
    sum += weight;
    reachable.add(version);
  }
  if (sum !== 100)
    throw invalidRoutingTable(at, `weights of the variants that answer sum to ${sum}, not to 100`);
  return reachable;
}

function checkVersion(value: unknown, at: string): string {
  const pinned = record(value, at);
  const version = text(pinned.version, `${at}/version`);
  const digest = text(pinned.digest, `${at}/digest`);
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw invalidRoutingTable(`${at}/digest`, 'must be sha256: and 64 lower-case hexadecimal digits');
  }
  text(pinned.path, `${at}/path`);
  integer(pinned.size, `${at}/size`, 0);
  const signature = record(pinned.signature, `${at}/signature`);
  for (const side of ['inputs', 'outputs'] as const) {
    const names = new Set<string>();
    const specs = list(signature[side], `${at}/signature/${side}`);
    if (specs.length === 0)
      throw invalidRoutingTable(`${at}/signature/${side}`, 'must name at least one tensor');
    for (const [index, spec] of specs.entries()) {
      const name = checkTensor(spec, `${at}/signature/${side}/${index}`, -1);
      if (names.has(name))
        throw invalidRoutingTable(`${at}/signature/${side}/${index}`, `names ${name} twice`);
      names.add(name);
      const { columns = [], classes = [] } = record(spec, at);
      for (const [field, said] of Object.entries({ columns, classes })) {
        const where = `${at}/signature/${side}/${index}/${field}`;
        for (const [place, one] of list(said, where).entries()) text(one, `${where}/${place}`);
      }
    }
  }
  for (const [index, example] of list(pinned.examples, `${at}/examples`).entries()) {
    checkExample(example, `${at}/examples/${index}`);
  }
  if (pinned.placement !== undefined && !['auto', 'inline', 'worker'].includes(String(pinned.placement))) {
    throw invalidRoutingTable(`${at}/placement`, 'must be auto, inline or worker');
  }
  if (pinned.replicas !== undefined) integer(pinned.replicas, `${at}/replicas`, 1);
  if (pinned.session !== undefined) checkSession(pinned.session, `${at}/session`);
  return version;
}

function checkSession(value: unknown, at: string): void {
  const session = record(value, at);
  for (const name of ['intraOpThreads', 'interOpThreads']) {
    if (session[name] !== undefined) integer(session[name], `${at}/${name}`, 1);
  }
  // The runtime says which of them it knows.
  for (const name of ['provider', 'graphOptimization', 'executionMode']) {
    if (session[name] !== undefined) text(session[name], `${at}/${name}`);
  }
}

function checkExample(value: unknown, at: string): void {
  const example = record(value, at);
  text(example.name, `${at}/name`);
  for (const side of ['inputs', 'outputs'] as const) {
    for (const [index, entry] of list(example[side], `${at}/${side}`).entries()) {
      const where = `${at}/${side}/${index}`;
      checkTensor(entry, where, 0);
      const tensor = record(entry, where);
      const elements = (tensor.shape as number[]).reduce((product, dimension) => product * dimension, 1);
      const data = list(tensor.data, `${where}/data`);
      if (data.length !== elements) {
        throw invalidRoutingTable(`${where}/data`, `holds ${data.length} values for a shape of ${elements}`);
      }
    }
  }
  if (example.tolerance === undefined) return;
  const tolerance = record(example.tolerance, `${at}/tolerance`);
  if (tolerance.absolute !== undefined) amount(tolerance.absolute, `${at}/tolerance/absolute`);
  if (tolerance.relative !== undefined) amount(tolerance.relative, `${at}/tolerance/relative`);
}

function checkTensor(value: unknown, at: string, smallest: number): string {
  const tensor = record(value, at);
  const name = text(tensor.name, `${at}/name`);
  const datatype = text(tensor.datatype, `${at}/datatype`);
  if (!isDatatype(datatype))
    throw invalidRoutingTable(`${at}/datatype`, `${shown(datatype)} is not a datatype`);
  for (const [index, dimension] of list(tensor.shape, `${at}/shape`).entries()) {
    integer(dimension, `${at}/shape/${index}`, smallest);
  }
  return name;
}
