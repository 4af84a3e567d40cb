/** What people say so that they are not told again: they take an alert, or silence some for a while. */
import { randomUUID } from 'node:crypto';
import type { Acknowledgement, Alert } from './alert.ts';
import { alertAmbiguous, alertUnknown, silenceUnknown } from './errors.ts';
import type { Recording } from './journal.ts';
import type { Memory } from './memory.ts';
import type { Silence } from './routing/silence.ts';

export interface QuietingOptions {
  readonly memory: Memory;
  readonly record: Recording;
  readonly now: () => number;
  /** There is something to look at. */
  readonly soon: () => void;
}

export class Quieting {
  readonly #options: QuietingOptions;

  constructor(options: QuietingOptions) {
    this.#options = options;
  }

  /** Somebody takes an alert: nobody else is called for it, and it is not repeated. Answers it. */
  async acknowledge(id: string, by: string, reason: string): Promise<Alert> {
    const { memory, record, now, soon } = this.#options;
    const alert = firing(memory.state.alerts, id);
    const at = now();
    const acknowledged: Acknowledgement = { by, reason, at };
    // What happened once is over when somebody has seen it.
    const taken: Alert = { ...alert, acknowledged, ...(alert.endsAt === undefined ? {} : { endsAt: at }) };
    memory.change({ alerts: new Map(memory.state.alerts).set(alert.id, taken) });
    await memory.keep();
    await record({
      type: 'alert.acknowledged',
      ref: alert.ref ?? null,
      commit: null,
      message: `${by} acknowledged ${alert.rule}${alert.ref === undefined ? '' : ` of ${alert.ref}`}: ${reason}`,
      data: { alert: alert.id, rule: alert.rule, by, reason },
    });
    soon();
    return taken;
  }

  async silence(asked: Omit<Silence, 'id' | 'from'>): Promise<Silence> {
    const { memory, record, now, soon } = this.#options;
    const silence: Silence = { ...asked, id: randomUUID().slice(0, 8), from: now() };
    memory.change({ silences: [...memory.state.silences, silence] });
    await memory.keep();
    await record({
      type: 'alert.silenced',
      ref: null,
      commit: null,
      message: `${asked.by} silenced ${asked.matchers.join(', ')} until ${timeOf(asked.until)}: ${asked.reason}`,
      data: { ...silence, from: timeOf(silence.from), until: timeOf(silence.until) },
    });
    soon();
    return silence;
  }

  async endSilence(id: string, by: string): Promise<Silence> {
    const { memory, record, now, soon } = this.#options;
    const { silences } = memory.state;
    const found = silences.find((one) => one.id === id && one.until > now());
    if (found === undefined) throw silenceUnknown(id);
    const ended = { ...found, until: now() };
    memory.change({ silences: silences.map((one) => (one.id === id ? ended : one)) });
    await memory.keep();
    await record({
      type: 'alert.silence-ended',
      ref: null,
      commit: null,
      message: `${by} ended the silence of ${found.matchers.join(', ')}`,
      data: { silence: id, by },
    });
    soon();
    return ended;
  }
}

/** Alerts as they were found, with what people said of them since. */
export function withAcknowledged(
  found: ReadonlyMap<string, Alert>,
  newest: ReadonlyMap<string, Alert>,
): ReadonlyMap<string, Alert> {
  const alerts = new Map(found);
  for (const [id, { acknowledged, endsAt, since }] of newest) {
    const alert = alerts.get(id);
    if (acknowledged === undefined || alert === undefined || alert.acknowledged !== undefined) continue;
    if (alert.phase !== 'firing' || alert.since !== since) continue;
    alerts.set(id, { ...alert, acknowledged, ...(endsAt === undefined ? {} : { endsAt }) });
  }
  return alerts;
}

/** The one that fires whose id begins so. */
function firing(alerts: ReadonlyMap<string, Alert>, id: string): Alert {
  const all = [...alerts.values()].filter(({ phase }) => phase === 'firing');
  const found = id === '' ? [] : all.filter((alert) => alert.id.startsWith(id));
  const [only] = found;
  if (only === undefined) throw alertUnknown(id);
  if (found.length > 1)
    throw alertAmbiguous(
      id,
      found.map((alert) => alert.id),
    );
  return only;
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
