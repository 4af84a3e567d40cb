import type { Requirement } from '../../../core/capabilities/gate.ts';
import { messageOf } from '../../../core/plugin.ts';
import type { ProposedChange } from '../changes.ts';
import { compileExpression } from '../expression.ts';
import { type Facts, listed, type Require } from './rule-context.ts';

/** Something else must hold for each change that a rule applies to. */
export const requireCondition: Require = ({ title, rule, changes }, facts) => {
  if (rule.condition === undefined) return [];
  const { expression, message } = rule.condition;
  const against: string[] = [];
  for (const change of changes) {
    const held = holds(expression, change, facts);
    if (typeof held === 'string') return [unsaid(title, expression, held)];
    if (!held) against.push(nameOfChange(change));
  }
  if (against.length === 0) {
    return [
      { code: 'ConditionHolds', rule: title, met: true, message: `the condition holds: ${expression}` },
    ];
  }
  return [
    {
      code: 'ConditionFailed',
      rule: title,
      met: false,
      message: `${message} (not so for ${listed(against)})`,
      hint: `The condition is: ${expression}`,
    },
  ];
};

/** Whether an expression holds for a change; a text says why that cannot be told. */
export function holds(expression: string, change: ProposedChange, facts: Facts): boolean | string {
  const compiled = compileExpression(expression);
  if ('code' in compiled) return compiled.message;
  try {
    return compiled.holds(facts.contextFor(change));
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** What cannot be told is not met. */
function unsaid(rule: string, expression: string, problem: string): Requirement {
  return {
    code: 'ConditionError',
    rule,
    met: false,
    message: `the expression cannot be evaluated: ${problem}`,
    hint: `Ask first whether it is there (has(change.labels.risk), "size" in checks): ${expression}`,
  };
}

function nameOfChange({ kind, name, environment, path }: ProposedChange): string {
  if (kind === 'File') return path;
  return environment === '' || kind === 'Environment' ? `${kind}/${name}` : `${kind}/${environment}/${name}`;
}
