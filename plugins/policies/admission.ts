import type { Admission, AdmissionQuestion, AdmissionVerdict } from '../../core/capabilities/admission.ts';
import type { Forge } from '../../core/capabilities/forge.ts';
import type { Gate } from '../../core/capabilities/gate.ts';
import type { Examined, Registry } from '../../core/capabilities/registry.ts';
import { codeOf, type Logger, type Providers } from '../../core/plugin.ts';
import { checkApprovals } from './admission-approvals.ts';
import { isInHistory, type Step, stepsBetween } from './admission-line.ts';
import type { AdmissionMemory } from './admission-memory.ts';
import { type AdmissionOptions, admissionOptionsOf, platformPath } from './admission-options.ts';
import { type AdmissionRefusal, described, short } from './admission-refusal.ts';
import { checkSignatures } from './admission-signatures.ts';
import { peopleOf } from './people.ts';

export interface CommitAdmissionOptions {
  readonly registry: Registry;
  readonly forges: Providers<Forge>;
  readonly gate: Gate;
  readonly memory: AdmissionMemory;
  /** A commit that the operator of this machine vouches for; nothing before it is judged. */
  readonly trusted: string | undefined;
  /** Whether this process was started with a demand: it then counts where what was admitted is gone. */
  readonly isDemanding: boolean;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** From where a commit is judged. */
interface Start {
  readonly from: string;
  /** Whether the steps are of the past: keys must have been valid when they were made, since nobody saw them come. */
  readonly isPast: boolean;
}

const admitted: AdmissionVerdict = { admitted: true };

/** How many steps of the past are asked for their approvals: each is a question to the forge. */
const maxPastApprovals = 200;

/**
 * Admits commits by what the last admitted one declares. From there on the branch is followed step by step: each commit
 * that is admitted judges the next, so that people may come and go, and none of them decides about their own coming.
 */
export function commitAdmission(options: CommitAdmissionOptions): Admission {
  const { registry, memory } = options;
  const { repository } = registry;
  let last: string | undefined;
  /** The newest commit that is known to demand nothing: it is the next one's start. */
  let quiet: string | undefined;

  return {
    async admit({ commit, previous }: AdmissionQuestion): Promise<AdmissionVerdict> {
      const key = `${previous} ${commit}`;
      if (last === key) return admitted;
      if (previous !== null && (previous === quiet || (await isQuiet(previous, repository)))) {
        quiet = previous;
        if (await isQuiet(commit, repository)) {
          quiet = commit;
          return admitted;
        }
      }
      const start = await startFor(commit, previous, options);
      const verdict = 'refusal' in start ? start : await follow(start, commit, options);
      if ('refusal' in verdict) {
        const { refusal, lastAdmitted } = verdict;
        return { admitted: false, ...refusal, ...(lastAdmitted === undefined ? {} : { lastAdmitted }) };
      }
      if (verdict.isDemanding) await memory.write({ commit, trusted: options.trusted });
      last = key;
      return admitted;
    },
  };
}

/** What was admitted last, as far as anybody knows; or that the commit does not stand on it. */
async function startFor(
  commit: string,
  previous: string | null,
  options: CommitAdmissionOptions,
): Promise<Start | Refused> {
  const { registry, memory, isDemanding, log } = options;
  const { repository } = registry;
  const remembered = await memory.read();
  const known = previous ?? remembered?.commit;
  const trusted = options.trusted === remembered?.trusted ? undefined : options.trusted;
  if (known === undefined) {
    const from = options.trusted ?? (await beginningOf(commit, registry, log));
    return (await isInHistory(from, commit, repository))
      ? { from, isPast: true }
      : rewritten(commit, from, options);
  }
  if (trusted !== undefined && (await isAhead(trusted, known, commit, repository))) {
    log.warn({ commit: trusted, before: known }, 'goes on from the commit that the operator vouches for');
    return { from: trusted, isPast: false };
  }
  if (await isInHistory(known, commit, repository)) return { from: known, isPast: previous === null };
  if (!(await demands(known, registry, isDemanding))) return { from: commit, isPast: false };
  return rewritten(commit, known, options);
}

/** Whether what the operator vouches for leads to the commit and is not older than what is known already. */
async function isAhead(
  trusted: string,
  known: string,
  commit: string,
  repository: Registry['repository'],
): Promise<boolean> {
  return (await isInHistory(trusted, commit, repository)) && !(await isInHistory(trusted, known, repository));
}

async function rewritten(
  commit: string,
  known: string,
  { registry }: CommitAdmissionOptions,
): Promise<Refused> {
  const { repository } = registry;
  const refusal: AdmissionRefusal = {
    cause: 'HistoryRewritten',
    message: `${described(await repository.commit(commit))} does not stand on ${short(known)}, which was admitted last: somebody rewrote the branch`,
    hint: `Push a commit on top of ${short(known)}. Find out who forced the push, and forbid it on the branch.`,
  };
  return (await exists(known, repository)) ? { refusal, lastAdmitted: known } : { refusal };
}

/**
 * Where nothing is known of what was admitted: the commit that first demanded anything in the history of platform.yaml, or
 * the commit itself where none did. What it says is believed, and all that came after it is judged.
 */
async function beginningOf(commit: string, { repository }: Registry, log: Logger): Promise<string> {
  const versions = await repository.log(commit, { path: platformPath, limit: maxVersions });
  for (const { id } of [...versions].reverse()) {
    if (!(await mayDemand(id, repository))) continue;
    log.warn(
      { commit, from: id },
      'nothing is known of admitted commits: all are judged from the first demand on',
    );
    return id;
  }
  return commit;
}

const maxVersions = 5000;

interface Followed {
  /** Whether anything was demanded on the way. */
  readonly isDemanding: boolean;
}

interface Refused {
  readonly refusal: AdmissionRefusal;
  readonly lastAdmitted?: string;
}

async function follow(
  { from, isPast }: Start,
  commit: string,
  options: CommitAdmissionOptions,
): Promise<Followed | Refused> {
  const { registry, now } = options;
  const { repository } = registry;
  if (from === commit) return { isDemanding: await mayDemand(commit, repository) };
  // Where neither end speaks of admission, whatever was said and unsaid between them was never in force here.
  if (!(await mayDemand(from, repository)) && !(await mayDemand(commit, repository))) {
    return { isDemanding: false };
  }
  const steps = await stepsBetween(from, commit, repository);
  let isDemanding = false;
  let latest = (await repository.commit(from)).committer.time * 1000;
  for (const [index, step] of steps.entries()) {
    latest = Math.min(Math.max(latest, step.to.committer.time * 1000), now());
    const isAskedForApprovals = !isPast || steps.length - index <= maxPastApprovals;
    const judged = await judge(step, isPast ? latest : now(), isAskedForApprovals, options);
    if ('cause' in judged) return { refusal: judged, lastAdmitted: step.from };
    isDemanding ||= judged.isDemanding;
  }
  return { isDemanding };
}

/** One step, by what its start declares. */
async function judge(
  step: Step,
  at: number,
  isAskedForApprovals: boolean,
  { registry, forges, gate }: CommitAdmissionOptions,
): Promise<Followed | AdmissionRefusal> {
  const { repository } = registry;
  const demand = (await mayDemand(step.from, repository)) ? await demandOf(step.from, registry) : undefined;
  if (typeof demand?.options === 'string') return unreadable(step, demand.options);
  if (demand?.options !== undefined) {
    const { options, examined } = demand;
    const people = peopleOf(examined.resources.values());
    const unsigned = await checkSignatures(step, { options, people, at }, repository);
    if (unsigned !== undefined) return unsigned;
    if (options.approvals === 'required' && isAskedForApprovals) {
      const { forge } = options;
      const missing = await checkApprovals(step, { registry, forges, forge, gate, now: at });
      if (missing !== undefined) return missing;
    }
  }
  const isDemanding = demand?.options !== undefined;
  if (!isDemanding && !(await mayDemand(step.to.id, repository))) return { isDemanding };
  return (await whyNoJudge(step, isDemanding, registry)) ?? { isDemanding };
}

interface Demand {
  readonly options: AdmissionOptions | string | undefined;
  readonly examined: Examined;
}

async function demandOf(commit: string, registry: Registry): Promise<Demand> {
  const examined = await registry.examine(commit);
  return { options: admissionOptionsOf(examined), examined };
}

/**
 * Why a commit could not judge the one after it, once anything is demanded: what judges is broken in it, or nobody could
 * sign any more. It would lock everybody out, or let everybody in.
 */
async function whyNoJudge(
  step: Step,
  isDemanding: boolean,
  registry: Registry,
): Promise<AdmissionRefusal | undefined> {
  const { options, examined } = await demandOf(step.to.id, registry);
  if (typeof options === 'string') return unreadable(step, options);
  if (!isDemanding && options === undefined) return undefined;
  const broken = examined.issues.find(
    ({ severity, ref = '', path }) =>
      severity === 'error' && (/^(Platform|Team|Policy)\//.test(ref) || judges.test(path)),
  );
  if (broken !== undefined) {
    return unreadable(step, `${broken.path}:${broken.line}:${broken.column}: ${broken.message}`);
  }
  if (options === undefined || options.signatures === 'none') return undefined;
  const { signers } = options;
  const isAnybody = peopleOf(examined.resources.values()).all.some(
    ({ emails, keys, teams }) =>
      emails.length > 0 &&
      (keys.length > 0 || teams.some((team) => hasAuthority(team, examined))) &&
      (signers === undefined || teams.some((team) => signers.includes(team))),
  );
  if (isAnybody) return undefined;
  return {
    cause: 'NobodyMaySign',
    message: `${described(step.to)} demands signatures, and no member of ${signers === undefined ? 'a team' : `the teams ${signers.join(', ')}`} has a key: nothing could be applied after it`,
    hint: 'List signing keys in a Team first.',
  };
}

const judges = /^(platform\.yaml$|teams\/|policies\/)/;

function hasAuthority(team: string, { resources }: Examined): boolean {
  const { certificateAuthorities } = (resources.get(`Team/${team}`)?.spec ?? {}) as {
    certificateAuthorities?: readonly unknown[];
  };
  return (certificateAuthorities ?? []).length > 0;
}

function unreadable({ to }: Step, problem: string): AdmissionRefusal {
  return {
    cause: 'JudgesInvalid',
    message: `${described(to)} breaks what judges the commits after it: ${problem}`,
    hint: 'Put it right in a commit of its own on the branch, or undo it; `switchyard check` says all that is wrong.',
  };
}

/** Whether a commit demands something of the next; what is gone is thought to demand what this process was started with. */
async function demands(commit: string, registry: Registry, otherwise: boolean): Promise<boolean> {
  const { repository } = registry;
  if (!(await exists(commit, repository))) return otherwise;
  return (await mayDemand(commit, repository)) && (await demandOf(commit, registry)).options !== undefined;
}

async function exists(commit: string, repository: Registry['repository']): Promise<boolean> {
  try {
    await repository.commit(commit);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'ObjectMissing') return false;
    throw thrown;
  }
}

/** Whether a commit is there and demands nothing, at the cost of reading one file. */
async function isQuiet(commit: string, repository: Registry['repository']): Promise<boolean> {
  return (await exists(commit, repository)) && !(await mayDemand(commit, repository));
}

const maxPlatformBytes = 256 * 1024;

/** False where platform.yaml cannot be speaking of admission, at the cost of reading one file. */
async function mayDemand(commit: string, repository: Registry['repository']): Promise<boolean> {
  const bytes = await repository.readFile(commit, platformPath, maxPlatformBytes);
  if (bytes === undefined) return false;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  // Escapes could spell the word otherwise.
  return text.includes('admission') || text.includes('\\');
}
