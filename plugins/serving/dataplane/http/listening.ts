import type { Server } from 'node:net';

/** Where to listen: a port of its own, or the listening handle that the supervisor shares. */
export type Listening = { readonly port: number; readonly host: string } | { readonly handle: Server };

/** Begins to accept connections; gives the port. Rejects with what the system says. */
export function listenAt(server: Server, where: Listening): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const listening = (): void => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    };
    if ('handle' in where) server.listen(where.handle, listening);
    else server.listen(where.port, where.host, listening);
  });
}
