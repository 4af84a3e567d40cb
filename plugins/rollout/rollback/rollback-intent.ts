/** The change that puts Git right after a rollback, and what a reviewer is to know of it. Pure. */
import type { FileEdit, Intent } from '../../../core/capabilities/proposer.ts';
import type { Ref, Resource } from '../../../core/plugin.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import type { StableVersion } from '../strategy.ts';
import type { Aborted } from '../walk-state.ts';
import type { CondemnedMeasurement, CondemnedMetric } from './condemnation.ts';

export interface RolledBack {
  readonly deployment: Resource<DeploymentSpec>;
  readonly versions: ReadonlyMap<string, Resource<ModelVersionSpec>>;
  /** What answers again. */
  readonly stable: StableVersion;
  readonly aborted: Aborted;
  /** What was given up before, and is to be quarantined with it: nobody had decided. */
  readonly undecided: readonly Aborted[];
  /** The journal's entry of the rollback, where it is known. */
  readonly entry?: number;
  /** RFC 3339: until when somebody should decide. */
  readonly deadline: string;
}

/** Who the platform is, when it asks by itself. */
export const platformAuthor = { name: 'Switchyard', email: 'switchyard@localhost' } as const;

/** There is one open proposal of what moves a deployment between versions, forth or back. */
export function versionKey(deployment: Ref): string {
  return `version:${deployment}`;
}

/** The reverted line and the quarantine, where something is known against the version, in one change. The same rollback gives the same change. */
export function rollbackIntent(given: RolledBack): Intent {
  const { deployment, stable } = given;
  const { metadata, spec } = deployment;
  const environment = String(metadata.environment);
  const condemned = condemnedIn(given);
  const files = [revertOf(given), ...condemned.map(({ file }) => file)];
  const names = condemned.map(({ name }) => name).join(' and ');
  const title =
    names === ''
      ? `Roll ${spec.model} back to ${stable.version} in ${environment}`
      : `Quarantine ${spec.model} ${names} and roll back to ${stable.version} in ${environment}`;
  return {
    key: versionKey(deployment.ref),
    type: 'rollback',
    title,
    files,
    reason: reasonOf(given),
    trailers: {
      'Switchyard-Model': spec.model,
      'Switchyard-Version': stable.version,
      'Switchyard-Previous-Version': spec.version,
      'Switchyard-Environment': environment,
      'Switchyard-Deployment': metadata.name,
    },
    author: platformAuthor,
  };
}

function revertOf({ deployment, stable }: RolledBack): FileEdit {
  const { ref, origin, spec } = deployment;
  const expected = spec.version;
  return {
    path: origin.path,
    ref,
    edits: [{ op: 'set', pointer: '/spec/version', value: stable.version, expected }],
  };
}

interface Condemned {
  readonly name: string;
  readonly file: FileEdit;
}

/** Those that something is known against, and which are not quarantined yet; what was given up last comes last. */
function condemnedIn({ deployment, versions, aborted, undecided, entry }: RolledBack): readonly Condemned[] {
  const paths = new Set([deployment.origin.path]);
  const all = [...undecided.map((one) => ({ one, entry: one.recourse?.entry })), { one: aborted, entry }];
  return all.flatMap(({ one, entry }) => {
    const version = versions.get(one.version);
    if (version === undefined || version.spec.quarantine !== undefined || one.isUnjudged === true) return [];
    // Two documents of one file cannot be edited in one change; the line that is deployed matters more.
    if (paths.has(version.origin.path)) return [];
    paths.add(version.origin.path);
    const value = quarantineOf(deployment, one, entry);
    const edits = [{ op: 'set' as const, pointer: '/spec/quarantine', value }];
    return [{ name: one.version, file: { path: version.origin.path, ref: version.ref, edits } }];
  });
}

function quarantineOf(deployment: Resource<DeploymentSpec>, aborted: Aborted, entry: number | undefined) {
  const { environment, name } = deployment.metadata;
  const reason = `Rolled back in ${environment}/${name}${stepOf(aborted)}: ${aborted.message}`;
  const evidence = journalOf(aborted, entry);
  return {
    reason: reason.replace(/\s+/g, ' ').trim().slice(0, 2048),
    since: `${new Date(aborted.at).toISOString().slice(0, 19)}Z`,
    ...(evidence === '' ? {} : { evidence }),
  };
}

/** `journal entry 812, verdict 9f86d081884c7d65`. */
function journalOf({ evidence }: Aborted, entry: number | undefined): string {
  return [
    ...(entry === undefined ? [] : [`journal entry ${entry}`]),
    ...(evidence?.verdict === undefined ? [] : [`verdict ${evidence.verdict}`]),
  ].join(', ');
}

function stepOf({ step, steps }: Aborted): string {
  return step === 0 ? '' : ` in step ${step} of ${steps}`;
}

function reasonOf({ deployment, stable, aborted, undecided, entry, deadline }: RolledBack): string {
  const { metadata, spec } = deployment;
  const place = `${metadata.environment}/${metadata.name}`;
  const { evidence = { metrics: [] } } = aborted;
  const facts = [
    ['Reason', code(aborted.reason)],
    ['What it said', code(aborted.message)],
    ['When', new Date(aborted.at).toISOString()],
    ['Declared by commit', code(aborted.commit)],
    ['Artifact', code(aborted.digest)],
    ['Answers again', `${code(stable.version)}, of commit ${code(stable.commit)}`],
  ];
  const replay = evidence.verdict ?? entry;
  return [
    `${spec.model} ${aborted.version} was rolled back in ${place}${stepOf(aborted)}. Traffic is back on ${stable.version} already; this puts Git right: it reverts the line${rightOf(aborted)}`,
    ['| | |', '| --- | --- |', ...facts.map(([name, value]) => `| ${name} | ${value} |`)].join('\n'),
    ...(evidence.metrics.length === 0 ? [] : [measuredTable(evidence.metrics)]),
    ...(evidence.bound === undefined ? [] : [text(evidence.bound)]),
    ...(entry === undefined ? [] : [`The journal has it as entry ${entry}.`]),
    ...undecided.map(
      ({ version, message }) =>
        `${version} was rolled back here before, and nobody had decided; this has it refused everywhere, too: ${code(message)}.`,
    ),
    ...(evidence.verdict === undefined
      ? []
      : [`\`switchyard replay ${replay}\` reaches the verdict again from what was measured.`]),
    `Until this is merged, ${place} is degraded; decide before ${deadline}. ${otherwise(aborted, place)}`,
  ].join('\n\n');
}

function rightOf({ isUnjudged }: Aborted): string {
  return isUnjudged === true
    ? '. Nothing was found against the version, which is not quarantined: what judges it could not be asked. Declare it again once that answers.'
    : ', and has the version refused everywhere.';
}

/** What it means to close the proposal. */
function otherwise({ isUnjudged }: Aborted, place: string): string {
  return isUnjudged === true
    ? `Once it is closed without being merged, \`switchyard rollout retry ${place}\` tries the version again.`
    : `To close it without merging is to say that the version is good: then \`switchyard rollout accept-risk ${place} --reason TEXT\` tries it again.`;
}

function measuredTable(metrics: readonly CondemnedMetric[]): string {
  const rows = metrics.flatMap((metric) => metric.measurements.map((one) => rowOf(metric, one)));
  const head =
    '| metric | should be | measured | samples | window | |\n| --- | --- | --- | --- | --- | --- |';
  return [head, ...rows].join('\n');
}

function rowOf({ name, condition }: CondemnedMetric, one: CondemnedMeasurement): string {
  const { value, samples, window, outcome } = one;
  const time = (at: number) => new Date(at).toISOString();
  const seen = window === undefined ? time(one.at) : `${time(window.from)} to ${time(window.to)}`;
  return `| ${code(name)} | ${condition === undefined ? '–' : code(condition)} | ${code(value)} | ${samples ?? '–'} | ${seen} | ${outcome} |`;
}

/** A sentence in which names of others stand. */
function text(words: string): string {
  return words.replace(/[`|<>[\]*_#!\\]/g, (sign) => (sign === '<' ? '&lt;' : `\\${sign}`));
}

/** Words of others are shown, not obeyed: no markup in them has any effect, and no cell or table ends in them. */
function code(text: string): string {
  const plain = text.replaceAll('`', "'").replaceAll('|', '¦').replace(/\s+/g, ' ').trim();
  return plain === '' ? '–' : `\`${plain.slice(0, 500)}\``;
}
