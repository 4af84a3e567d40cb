#!/usr/bin/env node
import { exitCodes } from './exit-codes.ts';
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

// A reader that leaves early (`| head`) ends the command in peace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!isPatient) process.exit(exitCodes.success);
});
process.stderr.on('error', () => {});

const terminal = processTerminal(stopping.signal, () => {
  isPatient = true;
  for (const signal of signals) process.off(signal, interrupt);
});
process.exitCode = await switchyard(process.argv.slice(2), terminal);
