import type { Requirement } from '../../../core/capabilities/gate.ts';
import { formatDuration, parseDuration } from '../../../libraries/duration/index.ts';
import { bringsVersion, type ProposedChange } from '../changes.ts';
import type { Served } from '../serving-history.ts';
import type { Facts, Require } from './rule-context.ts';

/** A version must have served long enough in another environment before it comes to this one. */
export const requireSoak: Require = async ({ title, rule, changes }, facts) => {
  const { soak } = rule;
  if (soak === undefined) return [];
  const wanted = parseDuration(soak.for);
  const requirements: Requirement[] = [];
  for (const change of changes.filter(bringsVersion)) {
    const where = soak.in ?? sourceOf(change, facts);
    if (where === undefined) {
      requirements.push({
        code: 'SoakUnknown',
        rule: title,
        met: false,
        message: `${nameOf(change)} should serve elsewhere for ${soak.for} first, and ${change.environment} promotes from no environment`,
        hint: 'Name the environment in the rule (soak.in), or in promotesFrom of the environment.',
      });
    } else requirements.push(await soakOf(title, change, { where, wanted, text: soak.for }, facts));
  }
  return requirements;
};

/** A version must have served where its environment promotes from. */
export const requirePromotionPath: Require = async ({ title, rule, changes }, facts) => {
  if (rule.promotionPath !== true) return [];
  const requirements: Requirement[] = [];
  for (const change of changes.filter(bringsVersion)) {
    if (!facts.environments.has(change.environment)) {
      requirements.push({
        code: 'PromotionPathUnknown',
        rule: title,
        met: false,
        message: `the base branch does not say what ${change.environment} promotes from: it has no such environment, or a broken one`,
        hint: 'Add or mend the environment first, in a proposal of its own.',
      });
      continue;
    }
    const where = sourceOf(change, facts);
    if (where === undefined) continue;
    const back = await servedHereBefore(title, change, facts);
    if (back !== undefined) {
      requirements.push(back);
      continue;
    }
    const { periods, source } = await facts.served(where, change.model, change.to);
    const [latest] = periods;
    requirements.push(
      latest === undefined
        ? {
            code: 'PromotionPathSkipped',
            rule: title,
            met: false,
            message: `${nameOf(change)} has not served in ${where}, which ${change.environment} promotes from (by ${wordsOf(source)})`,
            hint: `Promote it to ${where} first: switchyard promote ${change.model} ${change.to} --to ${where}.`,
          }
        : {
            code: 'PromotionPathKept',
            rule: title,
            met: true,
            message: `${nameOf(change)} served in ${where} from ${rfc3339(latest.since)} on (by ${wordsOf(source)})`,
          },
    );
  }
  return requirements;
};

async function soakOf(
  rule: string,
  change: ProposedChange,
  { where, wanted, text }: { where: string; wanted: number; text: string },
  facts: Facts,
): Promise<Requirement> {
  const back = await servedHereBefore(rule, change, facts);
  if (back !== undefined) return back;
  const { periods, source } = await facts.served(where, change.model, change.to);
  const lengthOf = ({ since, until }: Served['periods'][number]) => (until ?? facts.now) - since;
  const longest = [...periods].sort((a, b) => lengthOf(b) - lengthOf(a))[0];
  if (longest !== undefined && lengthOf(longest) >= wanted) {
    const message = `${nameOf(change)} served in ${where} for ${roughly(lengthOf(longest))}, and ${text} are asked for (by ${wordsOf(source)})`;
    return { code: 'Soaked', rule, met: true, message };
  }
  const running = periods.find(({ until }) => until === null);
  if (running === undefined) {
    const so =
      longest === undefined
        ? `has not served in ${where}`
        : `served in ${where} for ${roughly(lengthOf(longest))} only, and no more`;
    return {
      code: 'SoakTooShort',
      rule,
      met: false,
      message: `${nameOf(change)} ${so}; ${text} are asked for (by ${wordsOf(source)})`,
      hint: `Promote it to ${where} first: switchyard promote ${change.model} ${change.to} --to ${where}.`,
    };
  }
  // Up to the whole second: at the time that is told, it is met.
  const metAt = rfc3339(Math.ceil((running.since + wanted) / 1000) * 1000);
  return {
    code: 'SoakTooShort',
    rule,
    met: false,
    message: `${nameOf(change)} serves in ${where} since ${rfc3339(running.since)}, for ${roughly(lengthOf(running))} of ${text} (by ${wordsOf(source)})`,
    hint: `Wait until ${metAt}.`,
    metAt,
  };
}

/** Going back to what served here already must be quick: it has been where it should soak. */
async function servedHereBefore(
  rule: string,
  change: ProposedChange,
  facts: Facts,
): Promise<Requirement | undefined> {
  if (change.type !== 'rollback') return undefined;
  const { periods, source } = await facts.served(change.environment, change.model, change.to);
  const [latest] = periods;
  if (latest === undefined) return undefined;
  const message = `${nameOf(change)} goes back to what served in ${change.environment} from ${rfc3339(latest.since)} on (by ${wordsOf(source)})`;
  return { code: 'ServedBefore', rule, met: true, message };
}

function sourceOf({ environment }: ProposedChange, { environments }: Facts): string | undefined {
  return environments.get(environment)?.spec.promotesFrom;
}

function nameOf({ model, to }: ProposedChange): string {
  return `${model} ${to}`;
}

function wordsOf(source: Served['source']): string {
  if (source === 'journal') return 'the journal';
  return source === 'history' ? 'the dates of the commits' : 'the recorded case';
}

/** Whole minutes above a minute, whole hours above two days: nobody reads seconds of a day. */
function roughly(milliseconds: number): string {
  const unit = milliseconds > 48 * 3_600_000 ? 3_600_000 : milliseconds > 60_000 ? 60_000 : 1000;
  return formatDuration(Math.floor(milliseconds / unit) * unit);
}

function rfc3339(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
