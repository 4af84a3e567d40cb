import type { Requirement } from '../../../core/capabilities/gate.ts';
import type { Facts, Require } from './rule-context.ts';

/** The checks that a rule names must have passed. */
export const requireChecks: Require = ({ title, rule }, { checks }) => {
  if (rule.checks === undefined) return [];
  const names = new Set<string>();
  for (const name of rule.checks.pass) {
    if (name === '*') for (const check of checks) names.add(check.name);
    else names.add(name);
  }
  const isNeutralFine = rule.checks.neutral !== 'refuse';
  return [...names].map((name) => requireCheck(title, name, checks, isNeutralFine));
};

/** Whether one check passed. */
export function requireCheck(
  rule: string,
  name: string,
  checks: Facts['checks'],
  isNeutralFine: boolean,
): Requirement {
  const check = checks.find((one) => one.name === name);
  if (check === undefined) {
    return {
      code: 'CheckMissing',
      rule,
      met: false,
      message: `the check ${name} has not run`,
      hint: `See that a plugin provides the check ${name} and that the name is right; \`switchyard proposals\` shows which ran.`,
    };
  }
  const { outcome, summary } = check;
  const told = summary === '' ? '' : `: ${summary}`;
  switch (outcome) {
    case 'pass':
      return { code: 'CheckPassed', rule, met: true, message: `the check ${name} passed${told}` };
    case 'neutral':
      if (isNeutralFine) {
        return {
          code: 'CheckPassed',
          rule,
          met: true,
          message: `the check ${name} has nothing to say${told}`,
        };
      }
      return {
        code: 'CheckNeutral',
        rule,
        met: false,
        message: `the check ${name} has nothing to say, and the rule asks for a verdict${told}`,
        hint: 'Give the check what it needs to judge this change.',
      };
    case 'pending':
      return { code: 'CheckPending', rule, met: false, message: `the check ${name} has not ended` };
    case 'error':
      return {
        code: 'CheckErrored',
        rule,
        met: false,
        message: `the check ${name} could not judge${told}`,
        hint: 'It is tried again; if it goes on, look at its details.',
      };
    case 'fail':
      return {
        code: 'CheckFailed',
        rule,
        met: false,
        message: `the check ${name} failed${told}`,
        hint: 'Push a commit that mends what its details name.',
      };
  }
}
