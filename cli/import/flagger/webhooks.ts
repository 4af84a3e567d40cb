import type { Fields } from '../fields.ts';

/** Where a webhook that holds a walk becomes a human who lets it go on. */
export interface Gates {
  readonly beforeTraffic: boolean;
  readonly beforeEachWeight: boolean;
  readonly beforePromotion: boolean;
}

const judges =
  'nothing calls it: a call that failed counted as a failed check there; ask what it finds out with a `web` metric';
const dropped: Readonly<Record<string, string>> = {
  rollout: judges,
  'pre-rollout': 'nothing calls it: golden examples of a version are asked before it answers',
  'post-rollout': 'nothing is called after a walk: its events and its journal tell of it',
  event: 'nothing is called: `switchyard events` and the API tell what happens',
  rollback: 'nothing asks it: who wants to go back says so by hand, or by an analysis',
};

/** Says what becomes of webhooks. Those that held the walk hold it here for a human, if the strategy `canHold` there. */
export function gatesOf(analysis: Fields, canHold: Readonly<Record<string, boolean>>): Gates {
  const found = new Set<string>();
  for (const hook of analysis.maps('webhooks')) {
    const type = hook.text('type') || 'rollout';
    hook.text('name');
    const isGate = Object.hasOwn(gates, type);
    if (isGate && canHold[type] === true) {
      found.add(type);
      hook.note('url', 'changed', `a human goes on (promote) in the place of ${type}`, gates[type]);
    } else if (isGate) {
      hook.note('url', 'dropped', `this strategy waits for nobody in the place of ${type}`);
    } else {
      hook.note('url', 'dropped', dropped[type] ?? `there is no webhook of the type ${type}`);
    }
    hook.finish('elsewhere', 'it is about the call');
  }
  return {
    beforeTraffic: found.has('confirm-rollout'),
    beforeEachWeight: found.has('confirm-traffic-increase'),
    beforePromotion: found.has('confirm-promotion'),
  };
}

const gates: Readonly<Record<string, string>> = {
  'confirm-rollout': 'spec.strategy',
  'confirm-traffic-increase': 'spec.strategy',
  'confirm-promotion': 'spec.strategy',
};
