import { usageError } from '../errors.ts';
import { allCases } from './cases/index.ts';
import type { Case } from './kit.ts';

export interface Selection {
  /** Groups and cases, with commas between; by default all. */
  readonly only?: string;
  /** The same, of what is not asked. */
  readonly except?: string;
  /** Where gRPC is answered. */
  readonly grpc?: string;
}

/** The cases that are to be asked. Throws where that is none, or where cases of gRPC are wanted and nobody says where. */
export function selectedCases({ only, except, grpc }: Selection): readonly Case[] {
  const wanted = only === undefined ? [() => true] : matchers(only);
  const unwanted = except === undefined ? [] : matchers(except);
  const left = allCases.filter((one) => !unwanted.some((fits) => fits(one)));
  const cases = left.filter((one) => wanted.some((fits) => fits(one)));
  if (cases.length === 0)
    throw usageError('--only and --except leave no case', 'See the groups and cases with --list.');
  const overGrpc = cases.find(({ group }) => group === 'grpc');
  if (only !== undefined && grpc === undefined && overGrpc !== undefined)
    throw usageError(
      `${overGrpc.id} is asked over gRPC, and no address of it was named`,
      'Add --grpc 127.0.0.1:9000, with host and port where the server answers gRPC.',
    );
  return cases;
}

function matchers(names: string): readonly ((one: Case) => boolean)[] {
  return names.split(',').map((word) => {
    const name = word.trim();
    const fits = ({ group, id }: Case): boolean => group === name || id === name;
    if (allCases.some(fits)) return fits;
    const groups = [...new Set(allCases.map(({ group }) => group))].join(', ');
    throw usageError(`there is no case or group '${name}'`, `Groups: ${groups}. Cases: --list.`);
  });
}
