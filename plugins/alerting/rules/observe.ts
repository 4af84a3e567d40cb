/** What rules see: values for their expressions, and what an alert says beside its rule's words. Pure. */

import type { Fact, Help, Labels } from '../../../core/capabilities/notifier.ts';
import type { SinkTrouble } from '../../../core/capabilities/prediction-sink.ts';
import type { RegistryHead } from '../../../core/capabilities/registry.ts';
import type { JournalEntry, Ref, Resource, Status } from '../../../core/plugin.ts';
import type { Values } from '../../../libraries/cel-condition/index.ts';
import type { DiskSpace } from '../disk.ts';

export interface Observed {
  readonly values: Values;
  /** What it is about, beside the rule: the same gives the same alert. */
  readonly about: readonly string[];
  readonly labels: Labels;
  readonly ref?: Ref;
  readonly evidence: readonly Fact[];
  readonly help: readonly Help[];
  /** Changes with what is worth telling again. */
  readonly news: string;
}

/** A resource as it is declared and as it is. `resource` is absent for a document that was never valid. */
export function observeResource(
  ref: Ref,
  resource: Resource | undefined,
  status: Status | undefined,
  now: number,
): Observed {
  const [kind = '', ...path] = ref.split('/');
  const name = path.at(-1) ?? '';
  const { environment, model, labels = {}, annotations = {} } = resource?.metadata ?? {};
  const scope = {
    ...(environment === undefined ? {} : { environment }),
    ...(model === undefined ? {} : { model }),
  };
  const conditions: Record<string, object> = { ...absent };
  for (const { type, status: value, reason, message, lastTransitionTime } of status?.conditions ?? []) {
    conditions[type] = { status: value, reason, message, since: lastTransitionTime };
  }
  const facts = status?.facts ?? {};
  const spec = (resource?.spec ?? {}) as Readonly<Record<string, unknown>>;
  const proposal = proposalIn(facts);
  const told = (status?.conditions ?? []).filter(
    ({ type, status: value }) => type !== 'Ready' || value !== 'True',
  );
  return {
    values: {
      resource: {
        ref,
        kind,
        name,
        ...scope,
        labels,
        annotations,
        spec,
        commit: resource?.origin.commit ?? '',
      },
      conditions,
      facts,
      now: new Date(now),
    },
    about: [ref],
    labels: {
      kind,
      name,
      ...watchedBy(spec),
      ...scope,
      ...(typeof spec.model === 'string' ? { model: spec.model } : {}),
    },
    ref,
    evidence: [
      ...told.map(({ type, reason, message, lastTransitionTime }) => ({
        name: `${type} ${reason}`,
        value: `${message} (since ${lastTransitionTime})`,
      })),
      ...(resource === undefined ? [] : [{ name: 'Declared', value: placeOf(resource) }]),
    ],
    help: proposal,
    news: JSON.stringify([told.map(({ type, reason }) => [type, reason]), proposal]),
  };
}

/** The deployment that a resource looks at, as a Monitor does: routes and silences by environment mean its alerts, too. */
function watchedBy({ target }: Readonly<Record<string, unknown>>): Labels {
  const { environment, deployment } = (target ?? {}) as Readonly<Record<string, unknown>>;
  return typeof environment === 'string' && typeof deployment === 'string' ? { environment, deployment } : {};
}

/** A condition that is not there, so that expressions may speak of each without asking first. */
const absent = {
  Ready: { status: 'Unknown', reason: '', message: '', since: '' },
  Progressing: { status: 'False', reason: '', message: '', since: '' },
  Degraded: { status: 'False', reason: '', message: '', since: '' },
};

/** The machine that the platform runs on. */
export interface Machine {
  /** Why what alerting knows cannot be written to its disk, while it cannot. */
  readonly unwritten: string | undefined;
  /** Room on the disk of the data folder; undefined where the system does not say. */
  readonly disk: DiskSpace | undefined;
  /** What keeps predictions from being kept: a reason for the log, and for its bucket. */
  readonly predictionLog: SinkTrouble;
}

/** The platform as a whole. */
export function observePlatform(
  head: RegistryHead,
  machine: Machine,
  behindSince: number | undefined,
  now: number,
): Observed {
  const { unwritten, disk, predictionLog } = machine;
  const { commit, applied, held, error, lookedAt } = head;
  return {
    values: {
      platform: {
        commit: commit ?? '',
        applied: applied ?? '',
        ...(held === null ? {} : { held: { cause: held.reason, ...held, short: held.commit.slice(0, 10) } }),
        ...(error === null ? {} : { error }),
        ...(unwritten === undefined ? {} : { unwritten }),
        ...(disk === undefined ? {} : { disk }),
        ...(behindSince === undefined ? {} : { behindSeconds: Math.max(0, now - behindSince) / 1000 }),
        predictionLog,
        ...(lookedAt === null ? {} : { secondsSinceLook: Math.max(0, (now - Date.parse(lookedAt)) / 1000) }),
      },
      now: new Date(now),
    },
    about: [],
    labels: {},
    evidence: [
      ...(held === null
        ? []
        : [
            { name: held.reason, value: held.message },
            { name: 'Commit', value: held.commit },
          ]),
      ...(error === null ? [] : [{ name: error.code, value: error.message }]),
      ...(applied === null ? [] : [{ name: 'Applied', value: applied }]),
    ],
    help: [],
    news: JSON.stringify([held?.commit, held?.message, error?.code]),
  };
}

/** Something that happened. */
export function observeEntry(entry: JournalEntry): Observed {
  const { type, ref, commit, message, data, time, sequence } = entry;
  const number = typeof data.proposal === 'number' ? data.proposal : data.number;
  const proposal = typeof number === 'number' ? String(number) : undefined;
  const [kind, ...path] = ref?.split('/') ?? [];
  return {
    values: { entry: { type, ref: ref ?? '', commit: commit ?? '', message, data, time } },
    about: proposal === undefined ? [ref ?? '', commit ?? ''] : ['proposal', proposal],
    labels: {
      ...(kind === undefined ? {} : { kind, name: path.at(-1) ?? '' }),
      ...(path.length > 1 && kind === 'Deployment' ? { environment: path[0] ?? '' } : {}),
      ...(proposal === undefined ? {} : { proposal }),
    },
    ...(ref === null ? {} : { ref }),
    evidence: [
      { name: type, value: `${message} (${time}, entry ${sequence} of the journal)` },
      ...(commit === null ? [] : [{ name: 'Commit', value: commit }]),
    ],
    help: [
      ...(proposal === undefined
        ? []
        : [{ text: `Look at proposal ${proposal}`, command: `switchyard show ${proposal}` }]),
      { text: 'Read the journal', command: `switchyard journal --type ${type}` },
    ],
    news: String(sequence),
  };
}

/** Nothing but what a metric gives. */
export const observeNothing: Observed = {
  values: {},
  about: [],
  labels: {},
  evidence: [],
  help: [],
  news: '',
};

/** The proposal that a rollback asks for, or a breach, as its resource shows it. */
function proposalIn(facts: Readonly<Record<string, unknown>>): readonly Help[] {
  const { aborted, proposal } = facts as {
    readonly aborted?: { readonly recourse?: unknown };
    readonly proposal?: unknown;
  };
  const { number, url, state } = (aborted?.recourse ?? proposal ?? {}) as {
    readonly number?: unknown;
    readonly url?: unknown;
    readonly state?: unknown;
  };
  if (typeof number !== 'number') return [];
  const open =
    aborted === undefined ? `Review proposal ${number}` : `Review proposal ${number}, which puts Git right`;
  return [
    {
      text: state === 'open' ? open : `Proposal ${number} (${state})`,
      command: `switchyard show ${number}`,
      ...(typeof url === 'string' ? { url } : {}),
    },
  ];
}

function placeOf({ origin }: Resource): string {
  return `${origin.path}:${origin.line} at ${origin.commit.slice(0, 10)}`;
}
