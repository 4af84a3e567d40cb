import type { GateQuestion, GateVerdict } from '../../core/capabilities/gate.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import type { Host } from '../../core/plugin.ts';

const glassBroken = 'policy.broke-glass';

/**
 * Makes it known that somebody let a proposal pass although rules are not met: once for each head in the journal (whose
 * entries are events, too), in the log, and in the metrics that alerts stand on.
 */
export function glassAlarm(
  registry: Pick<Registry, 'journal' | 'record'>,
  host: Pick<Host, 'log' | 'metrics'>,
): (question: GateQuestion, verdict: GateVerdict) => Promise<void> {
  const told = new Set<string>();
  host.metrics(
    async () =>
      '# HELP switchyard_policy_broke_glass_total Proposals that a person let pass although a rule is not met.\n' +
      `# TYPE switchyard_policy_broke_glass_total counter\nswitchyard_policy_broke_glass_total ${told.size}\n`,
  );
  return async ({ subject }, { breakGlass, requirements }) => {
    if (breakGlass === undefined) return;
    const { number, head } = subject.proposal;
    const { label, by, unmet } = breakGlass;
    const key = `${number} ${head} ${label} ${by}`;
    if (told.has(key)) return;
    told.add(key);
    const rules = requirements.filter(({ met }) => !met).map(({ code, rule }) => `${code} (${rule})`);
    const facts = { proposal: number, head, label, by, unmet, rules };
    host.log.warn(facts, 'somebody broke the glass: a proposal may merge although rules are not met');
    const known = await registry.journal({ type: glassBroken, commit: head, limit: 100 });
    if (known.some(({ data }) => `${data.proposal} ${data.head} ${data.label} ${data.by}` === key)) return;
    await registry.record({
      type: glassBroken,
      ref: null,
      commit: head,
      message: `${by} let proposal ${number} pass by the label ${label}, with ${unmet} ${unmet === 1 ? 'requirement' : 'requirements'} not met`,
      data: facts,
    });
  };
}
