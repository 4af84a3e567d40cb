/**
 * A table is checked whole before any of it is used. Fields that this version does not know are ignored, so that a newer
 * control plane can talk to an inference process that is still the older one; what it does know must be right.
 */
import { messageOf } from '../../../../core/plugin.ts';
import { checkLogging, checkLogPlace } from './check-logging.ts';
import { checkRateLimits } from './check-rate-limits.ts';
import { checkTrafficRules } from './check-traffic-rules.ts';
import { checkVersion } from './check-version.ts';
import { deploymentKey, type RoutingTable } from './routing-table.ts';
import { amount, integer, invalidRoutingTable, list, record, shown, text } from './table-values.ts';

/** Reads a table from JSON text. Throws `InvalidRoutingTable` with the pointer of the first thing wrong. */
export function parseRoutingTable(text: string): RoutingTable {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidRoutingTable('', `is not JSON: ${messageOf(error)}`);
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
