import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * What the process of a trial is told by and answers on: its descriptor 3. Where it could not be started for want of descriptors there is none:
 * one that is closed stands for it, and the child tells why.
 */
export function channelOf(child: ChildProcess): Socket {
  const [, , , channel] = child.stdio ?? [];
  return (channel as Socket | null | undefined) ?? new Socket().destroy();
}
