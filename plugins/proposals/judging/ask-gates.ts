import type { Gate, GateQuestion, Requirement } from '../../../core/capabilities/gate.ts';
import { type Logger, messageOf, type Providers } from '../../../core/plugin.ts';
import type { Verdict } from '../proposals.ts';

/** What all gates say together: every one must let it pass, and one that cannot answer does not. */
export async function askGates(
  gates: Providers<Gate>,
  question: GateQuestion,
  log: Logger,
): Promise<Verdict> {
  const requirements: (Requirement & { gate: string })[] = [];
  const approvals: Verdict['approvals'][number][] = [];
  let breakGlass: Verdict['breakGlass'] = null;
  let isAllowed = true;
  for (const name of [...gates.names()].sort()) {
    try {
      const verdict = await gates.get(name).judge(question);
      isAllowed &&= verdict.allowed;
      requirements.push(...verdict.requirements.map((one) => ({ ...one, gate: name })));
      approvals.push(...(verdict.approvals ?? []));
      breakGlass ??= verdict.breakGlass ?? null;
    } catch (error) {
      log.error({ gate: name, error: messageOf(error) }, 'a gate could not judge a proposal');
      isAllowed = false;
      requirements.push({
        code: 'GateFailed',
        rule: `gate ${name}`,
        met: false,
        message: `the gate ${name} could not judge: ${messageOf(error)}`,
        hint: 'See the log of the platform.',
        gate: name,
      });
    }
  }
  const isPending = question.checks.some(({ outcome }) => outcome === 'pending');
  // While a check runs there is no verdict, also where no gate waits for that check.
  const state = isPending ? 'pending' : isAllowed ? 'allowed' : 'refused';
  return { state, requirements, approvals, breakGlass };
}
