/**
 * The port that several inference processes share. Whoever opens it hands it to them and never accepts a connection
 * itself; connections wait in the kernel while no process is there to accept them.
 *
 * Node makes such a handle for its own `cluster` and offers no other way to it: a `net.Server` accepts wherever it is.
 * `net._createServerHandle` is what `cluster` itself calls.
 */
import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { portUnavailable } from './errors.ts';

export interface ListeningHandle {
  /** What `subprocess.send(message, handle)` takes. */
  readonly handle: net.Server;
  /** The port: the one asked for, or a free one for 0. */
  readonly port: number;
  close(): void;
}

interface NativeHandle {
  getsockname(address: { port?: number }): number;
  close(): void;
}

type CreateServerHandle = (
  address: string,
  port: number,
  addressType: number,
  fd: number,
  flags: number,
) => NativeHandle | number;

/** Binds a port. Throws `PortUnavailable`. */
export async function openListeningHandle(host: string, port: number): Promise<ListeningHandle> {
  const { address, family } = await lookup(host);
  const { _createServerHandle: create } = net as unknown as {
    readonly _createServerHandle: CreateServerHandle;
  };
  const handle = create(address, port, family, -1, 0);
  if (typeof handle === 'number') throw portUnavailable(host, port, getSystemErrorName(handle));
  const bound: { port?: number } = {};
  const failure = handle.getsockname(bound);
  if (failure !== 0) {
    handle.close();
    throw portUnavailable(host, port, getSystemErrorName(failure));
  }
  return { handle: handle as unknown as net.Server, port: bound.port ?? port, close: () => handle.close() };
}
