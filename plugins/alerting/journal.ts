import type { NewJournalEntry, Registry } from '../../core/capabilities/registry.ts';
import { type Logger, messageOf } from '../../core/plugin.ts';
import type { Alert } from './alert.ts';

/** Writes down what came to pass. Never rejects: a journal that cannot be written is logged. */
export type Recording = (entry: NewJournalEntry) => Promise<void>;

export function recording(registry: Pick<Registry, 'record'>, log: Logger): Recording {
  return async (entry) => {
    try {
      await registry.record(entry);
    } catch (error) {
      log.error({ type: entry.type, error: messageOf(error) }, 'the journal cannot be written');
    }
  };
}

export interface Changes {
  readonly any: boolean;
  readonly fired: readonly Alert[];
  readonly resolved: readonly Alert[];
  /** Rules whose condition shows something else now. */
  readonly rules: ReadonlySet<string>;
}

export function changesOf(before: ReadonlyMap<string, Alert>, after: ReadonlyMap<string, Alert>): Changes {
  const fired: Alert[] = [];
  const resolved: Alert[] = [];
  const rules = new Set<string>();
  let any = before.size !== after.size;
  for (const [id, alert] of after) {
    const old = before.get(id);
    if (old === alert) continue;
    const isSame =
      old?.phase === alert.phase &&
      old.since === alert.since &&
      old.content.summary === alert.content.summary;
    if (!isSame || old?.content.revision !== alert.content.revision) any = true;
    const isAnother = old?.phase !== alert.phase || old.since !== alert.since;
    if (isAnother && alert.phase === 'firing') fired.push(alert);
    if (isAnother && alert.phase === 'resolved') resolved.push(alert);
    if (!isSame) rules.add(alert.rule);
  }
  for (const [id, { rule, phase }] of before) if (!after.has(id) && phase !== 'resolved') rules.add(rule);
  return { any, fired, resolved, rules };
}

/** What the journal is told: one entry for each, but one for all of a rule in a storm. */
export function entriesOf({ fired, resolved }: Changes): readonly NewJournalEntry[] {
  return [...entries('alert.fired', 'fires', fired), ...entries('alert.resolved', 'is over', resolved)];
}

const storm = 20;

function entries(type: string, verb: string, alerts: readonly Alert[]): readonly NewJournalEntry[] {
  const byRule = new Map<string, Alert[]>();
  for (const alert of alerts) {
    const own = byRule.get(alert.rule);
    if (own === undefined) byRule.set(alert.rule, [alert]);
    else own.push(alert);
  }
  return [...byRule].flatMap(([rule, own]): readonly NewJournalEntry[] => {
    if (own.length <= storm) {
      return own.map((alert) => ({
        type,
        ref: alert.ref ?? null,
        commit: null,
        message: `${rule} ${verb}: ${alert.content.summary}`,
        data: {
          alert: alert.id,
          rule,
          severity: alert.severity,
          labels: alert.labels,
          evidence: alert.content.evidence,
        },
      }));
    }
    const ids = own.slice(0, 100).map(({ id }) => id);
    const data = { rule, count: own.length, alerts: ids };
    return [{ type, ref: null, commit: null, message: `${rule} ${verb} ${own.length} times`, data }];
  });
}
