/** A socket that tells whoever connects which process listens, and whether that holds the lock or only claims it. */
import { connect, createServer, type Server } from 'node:net';

export interface Standing {
  /** Absent where it is too busy to say it. */
  readonly pid?: number;
  readonly holds: boolean;
}

/** Throws what the system says where that cannot be. */
export function listen(path: string, standing: { readonly holds: boolean }): Promise<Server> {
  return new Promise((settle, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      // Whoever asked may have been stopped since: nobody waits for that one to leave.
      socket.end(`${process.pid} ${standing.holds ? 'holds' : 'claims'}\n`, () => socket.destroy());
    });
    server.once('error', reject);
    server.listen(path, () => {
      server.unref();
      settle(server);
    });
  });
}

/** Undefined where nobody listens. Whoever accepts is alive, and so is who has no room for another connection. */
export function ask(path: string): Promise<Standing | undefined> {
  return new Promise((settle) => {
    let code: string | undefined;
    let said = '';
    const socket = connect(path);
    socket.setEncoding('utf8');
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on('data', (text: string) => {
      said += text;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    socket.on('close', () => {
      const pid = Number.parseInt(said, 10);
      if (code === 'ECONNREFUSED' || code === 'ENOENT') settle(undefined);
      // It stopped listening just now.
      else if (code === 'ECONNRESET') settle(ask(path));
      // Who says nothing is taken at its worst.
      else settle({ holds: !said.includes('claims'), ...(Number.isNaN(pid) ? {} : { pid }) });
    });
  });
}

export function closed(server: Server): Promise<void> {
  return new Promise((settle) => server.close(() => settle()));
}
