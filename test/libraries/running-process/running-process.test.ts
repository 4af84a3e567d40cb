import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { isRunning } from '../../../libraries/running-process/index.ts';

it('tells a process that runs, also one that it may send no signal, from one that has ended', () => {
  expect(isRunning(process.pid)).toBe(true);
  if (process.platform !== 'win32') expect(isRunning(1)).toBe(true);
  expect(isRunning(spawnSync(process.execPath, ['--version']).pid)).toBe(false);
});
