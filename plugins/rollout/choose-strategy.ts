import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import { direct } from './strategies/direct.ts';
import type { Strategy } from './strategy.ts';

type StrategyName = keyof NonNullable<DeploymentSpec['strategy']>;

/** One a name of the schema: a strategy that can be declared and is missing here does not compile. */
const strategies: Readonly<Record<StrategyName, Strategy>> = { direct };

/** The strategy that a deployment declares; direct where it declares none. */
export function chooseStrategy({ strategy = { direct: {} } }: DeploymentSpec): Strategy {
  const declared = Object.values(strategies).find(({ name }) => Object.hasOwn(strategy, name));
  return declared ?? direct;
}
