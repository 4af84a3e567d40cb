/** The inference port, held without accepting from it: `listening-handle.ts` says how that is done. */
import { lookup } from 'node:dns/promises';
import { connect, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, SwitchyardError } from '../../core/errors.ts';
import { portInUse, portUnavailable } from './errors.ts';
import { openListeningHandle } from './listening-handle.ts';

export interface HeldPort {
  /** To be sent to a child process, which listens with it. */
  readonly handle: Server;
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:8080`, for this machine. */
  readonly url: string;
  /** Whether somebody accepts connections there. */
  isAnswered(): Promise<boolean>;
  close(): void;
}

/** Takes a port; 0 takes a free one. Throws `PortInUse` or `PortUnavailable`. */
export async function holdPort(host: string, wanted: number): Promise<HeldPort> {
  const { address, family } = await resolve(host, wanted);
  // An address that means all of them is reached through this machine's own.
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address] ?? address;
  const { handle, port, close } = await bindPatiently(host, wanted, reachable);
  return {
    handle,
    host,
    port,
    url: `http://${family === 6 ? `[${reachable}]` : reachable}:${port}`,
    isAnswered: () => isAnswered(reachable, port),
    close,
  };
}

async function resolve(host: string, port: number): Promise<{ address: string; family: number }> {
  try {
    return await lookup(host);
  } catch (error) {
    throw portUnavailable(host, port, messageOf(error));
  }
}

/** The processes of a platform that was just killed let go of its port within a moment. */
async function bindPatiently(host: string, port: number, reachable: string) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await bind(host, port, reachable);
    } catch (error) {
      if (attempt === 5 || !(error instanceof SwitchyardError) || error.code !== 'PortInUse') throw error;
      await delay(200);
    }
  }
}

async function bind(host: string, port: number, reachable: string) {
  const bound = await open(host, port, reachable);
  // Where the port is taken, binding says nothing yet and leaves the handle without it. And another program may have
  // bound it in a way that lets two do so.
  const isOurs = bound.port !== 0 && (port === 0 || bound.port === port);
  if (isOurs && (port === 0 || !(await isAnswered(reachable, port)))) return bound;
  bound.close();
  throw portInUse(host, port);
}

async function open(host: string, port: number, reachable: string) {
  try {
    return await openListeningHandle(host, port);
  } catch (error) {
    throw port !== 0 && (await isAnswered(reachable, port)) ? portInUse(host, port) : error;
  }
}

function isAnswered(address: string, port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ host: address, port, timeout: 1_000 });
    const end = (answered: boolean) => () => {
      socket.destroy();
      settle(answered);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
    socket.once('timeout', end(false));
  });
}
