/**
 * A port that is held without accepting from it. Inference processes accept from copies of the handle; while none of them
 * is there, connections wait in the kernel's queue instead of being refused.
 *
 * Node has no public way to bind without accepting: a listening `net.Server` takes connections itself. `node:cluster`
 * binds through `net._createServerHandle`, and so does this; `docs/adr/0008` says what else was tried.
 */
import { lookup } from 'node:dns/promises';
import net, { connect, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { getSystemErrorName } from 'node:util';
import { SwitchyardError } from '../../core/errors.ts';
import { addressUnusable, portInUse } from './errors.ts';

export interface HeldPort {
  /** To be sent to a child process, which listens with it. Not listening itself. */
  readonly server: Server;
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:8080`, for this machine. */
  readonly url: string;
  /** Whether somebody accepts connections there. */
  isAnswered(): Promise<boolean>;
  close(): void;
}

/** Takes a port; 0 takes a free one. Throws `PortInUse` or `AddressUnusable`. */
export async function holdPort(host: string, port: number): Promise<HeldPort> {
  const { address, family } = await resolve(host, port);
  const server = await bindPatiently(address, port, family, host);
  const bound = (server.address() as net.AddressInfo).port;
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address] ?? address;
  return {
    server,
    host,
    port: bound,
    url: `http://${family === 6 ? `[${reachable}]` : reachable}:${bound}`,
    isAnswered: () => answers(reachable, bound),
    close: () => void server.close(),
  };
}

async function resolve(host: string, port: number): Promise<{ address: string; family: number }> {
  try {
    return await lookup(host);
  } catch (error) {
    throw addressUnusable(host, port, (error as NodeJS.ErrnoException).code ?? 'ENOTFOUND');
  }
}

/** The processes of a platform that was just killed let go of its port within a moment. */
async function bindPatiently(address: string, port: number, family: number, host: string): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    try {
      const server = bind(address, port, family, host);
      if (port === 0 || !(await answers(address, port))) return server;
      server.close();
      throw portInUse(host, port);
    } catch (error) {
      if (attempt === 5 || !(error instanceof SwitchyardError) || error.code !== 'PortInUse') throw error;
      await delay(200);
    }
  }
}

/** What `node:cluster` uses. A number is an error code of the system, negated. */
interface Binding {
  _createServerHandle(address: string, port: number, addressType: number): object | number;
}

function bind(address: string, port: number, family: number, host: string): Server {
  const handle = (net as unknown as Binding)._createServerHandle(address, port, family);
  if (typeof handle === 'number') {
    const code = getSystemErrorName(handle);
    throw code === 'EADDRINUSE' ? portInUse(host, port) : addressUnusable(host, port, code);
  }
  const server = new net.Server();
  Object.assign(server, { _handle: handle });
  // Where the port is taken, binding says nothing yet and leaves the handle without a port.
  const bound = server.address() as net.AddressInfo | null;
  if (bound !== null && bound.port !== 0 && (port === 0 || bound.port === port)) return server;
  server.close();
  throw portInUse(host, port);
}

function answers(address: string, port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ host: address, port, timeout: 1_000 });
    const end = (isAnswered: boolean) => () => {
      socket.destroy();
      settle(isAnswered);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
    socket.once('timeout', end(false));
  });
}
