import { windowAt } from '../../../libraries/wall-clock/recurring-window.ts';
import type { Require } from './rule-context.ts';

/** Nothing may merge in the times that a rule names. */
export const requireThaw: Require = ({ title, rule }, { now }) => {
  if (rule.freeze === undefined) return [];
  const frozen = windowAt(rule.freeze, now);
  if (frozen === undefined) {
    return [{ code: 'NotFrozen', rule: title, met: true, message: 'no freeze holds now' }];
  }
  const { window, until } = frozen;
  const zone = window.timeZone ?? 'UTC';
  const because = window.reason === undefined ? '' : `: ${window.reason}`;
  const metAt = until === undefined ? undefined : new Date(until).toISOString().replace('.000Z', 'Z');
  return [
    {
      code: 'FrozenNow',
      rule: title,
      met: false,
      message: `nothing merges from ${window.from} to ${window.to} (${zone})${because}`,
      hint:
        metAt === undefined
          ? 'These times follow one another without end: change the rule.'
          : `Wait until ${metAt}.`,
      ...(metAt === undefined ? {} : { metAt }),
    },
  ];
};
