import type { Terminal } from './terminal.ts';

/** What every verb is given. */
export interface Context {
  readonly terminal: Terminal;
  /** Makes commander's action of a function that answers the status to exit with. */
  act<Given extends unknown[]>(
    action: (...given: Given) => number | Promise<number>,
  ): (...given: Given) => Promise<void>;
}
