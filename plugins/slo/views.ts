/** What the API shows of service levels. */
import { formatDuration } from '../../libraries/duration/index.ts';
import type { ServiceLevelBook } from './service-level-book.ts';
import type { ObjectiveStanding } from './standing.ts';
import { promiseOf } from './told.ts';

type Book = Pick<ServiceLevelBook, 'standings' | 'levelOf'>;

/** All objectives of all deployments, by their names. */
export function objectiveViews(book: Book) {
  return book
    .standings()
    .map(({ promise, standings }) => {
      const { environment, deployment, windowMs, minRequests } = promise;
      const level = book.levelOf(environment, deployment);
      return {
        environment,
        deployment,
        window: formatDuration(windowMs),
        minRequests,
        objectives: standings.map((standing) => objectiveView(standing)),
        burning: level?.burning ?? null,
      };
    })
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

function objectiveView({
  objective,
  now,
  requests,
  budgetLeft,
  covered,
  burnRates,
  burning,
}: ObjectiveStanding) {
  const [worst] = burning;
  return {
    name: objective.name,
    promise: promiseOf(objective),
    /** Shares, from 0 to 1. */
    target: 1 - objective.budget,
    now: now ?? null,
    requests,
    budgetLeft,
    /** Of the window, what was seen. */
    covered,
    burnRates: Object.fromEntries(burnRates.map(([length, rate]) => [formatDuration(length), rate ?? null])),
    state: worst === undefined ? (now === undefined ? 'noTraffic' : 'met') : worst.rule.speed,
  };
}

function keyOf(one: { readonly environment: string; readonly deployment: string }): string {
  return `${one.environment}/${one.deployment}`;
}
