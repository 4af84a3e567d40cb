/** Why a version cannot be in memory, whatever else is: control knows it by the size of a file, an inference process once it is tried. */
import { SwitchyardError } from '../../../../core/plugin.ts';

export function memoryBudgetExceeded(needed: number, budget: number): SwitchyardError {
  return noRoom(`the version takes ${mebibytes(needed)} of memory`, budget);
}

/** As far as is known before it is tried: its file alone is larger. */
export function versionTooLarge(least: number, budget: number): SwitchyardError {
  return noRoom(`the version takes at least ${mebibytes(least)} of memory, by the size of its file`, budget);
}

function noRoom(takes: string, budget: number): SwitchyardError {
  return new SwitchyardError(
    'MemoryBudgetExceeded',
    `${takes}, and all versions of a process may take ${mebibytes(budget)}: it can never be loaded`,
    { hint: 'Raise plugins.serving.memoryBudget, or have fewer replicas or a smaller model.' },
  );
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MiB`;
