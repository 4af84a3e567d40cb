import type { Terminal } from '../terminal.ts';

/** Says on standard error that a followed stream broke off or goes on. */
export function gapNote(state: 'lost' | 'back', terminal: Terminal): void {
  const text = state === 'lost' ? 'connection lost, trying again …' : 'connected again';
  terminal.err(`${terminal.errColours.dim(text)}\n`);
}
