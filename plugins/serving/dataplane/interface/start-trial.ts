import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { parse } from 'node:path';
import { bareEnvironment, heapFlags } from './process-memory.ts';

/**
 * Starts the process of a trial. It treats its memory as one that serves does, or what is measured in it would hold for no other.
 * Beside that it is given nothing: no other environment variable, no file, no descriptor but its channel.
 */
export function startTrial(program: string): { readonly child: ChildProcess; readonly channel: Socket } {
  const child = spawn(process.execPath, [...heapFlags, program], {
    env: bareEnvironment(),
    cwd: parse(process.execPath).root,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    windowsHide: true,
  });
  return { child, channel: channelOf(child) };
}

/**
 * What it is told by and answers on: its descriptor 3. Where it could not be started for want of descriptors there is none:
 * one that is closed stands for it, and the child tells why.
 */
function channelOf(child: ChildProcess): Socket {
  const [, , , channel] = child.stdio ?? [];
  return (channel as Socket | null | undefined) ?? new Socket().destroy();
}
