import { totalmem } from 'node:os';
import type { ServingSettings } from './settings.ts';

/** What is left to control, to trials and to the system. */
const shareOfProcesses = 0.8;

/** Bytes that each inference process may have: as the operator says, or its part of the memory of this machine or container. */
export function memoryLimitOf(
  { memoryLimit }: Pick<ServingSettings, 'memoryLimit'>,
  processes: number,
  machine = memoryOfMachine(),
): number {
  return memoryLimit ?? Math.floor((machine * shareOfProcesses) / processes);
}

/** A container may have less than the machine; where nothing bounds it, some kernels say a number beyond all memory. */
function memoryOfMachine(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
