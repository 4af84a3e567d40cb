#!/usr/bin/env node
import { outputNotWritable } from './errors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { reportError } from './output/error-report.ts';
import { switchyard } from './switchyard.ts';
import { processTerminal } from './terminal.ts';

const stopping = new AbortController();
let isPatient = false;

const interrupt = () => {
  stopping.abort();
  // What does not listen to the signal (a long read, standard input) must not keep Ctrl-C waiting.
  setTimeout(() => process.exit(exitCodes.interrupted), 1000).unref();
};
const signals = ['SIGINT', 'SIGTERM'] as const;
for (const signal of signals) process.on(signal, interrupt);

// A reader that leaves early (`| head`) ends the command in peace; a disk that is full does not.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  const problem = error.code === 'EPIPE' ? undefined : outputNotWritable(error);
  if (problem !== undefined) reportError(problem, terminal, false);
  if (!isPatient) process.exit(problem === undefined ? exitCodes.success : exitCodeOf(problem));
});
process.stderr.on('error', () => {});

const terminal = processTerminal(stopping.signal, () => {
  isPatient = true;
  for (const signal of signals) process.off(signal, interrupt);
});
process.exitCode = await switchyard(process.argv.slice(2), terminal);
