import { InvalidArgumentError } from 'commander';
import { proposalNumber } from '../proposing/options.ts';

/** Reads a whole number from 1 to so many. */
export function upTo(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
  };
}

/** Reads the number of a proposal: `7` or `#7`. */
export function numberOfProposal(text: string): number {
  const found = proposalNumber(text);
  if (Number.isNaN(found)) throw new InvalidArgumentError('Write it as 7 or #7.');
  return found;
}
