import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket, type SocketConstructorOpts } from 'node:net';
import { expect, it } from 'vitest';
import { readInPlace } from '../../../../../../plugins/serving/dataplane/http/plain/read-in-place.ts';

type Open = (options: SocketConstructorOpts) => Socket;

/** What came over a connection that is read so, and how: in place, or by `data` events. */
async function readOf(open?: Open): Promise<{ text: string; isInPlace: boolean; isAnother: boolean }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  let socket = accepted;
  try {
    return await new Promise((resolve) => {
      socket = readInPlace(
        accepted,
        (bytes, length) => {
          const text = bytes.toString('latin1', 0, length);
          resolve({ text, isInPlace: true, isAnother: socket !== accepted });
          return true;
        },
        open,
      );
      socket.on('data', (bytes: Buffer) =>
        resolve({ text: String(bytes), isInPlace: false, isAnother: socket !== accepted }),
      );
      client.write('hello');
    });
  } finally {
    client.destroy();
    socket.destroy();
    server.close();
    await once(server, 'close');
  }
}

it('reads a connection into shared memory, by another socket', async () => {
  expect(await readOf()).toEqual({ text: 'hello', isInPlace: true, isAnother: true });
});

it('reads it as any other where Node takes no handle', async () => {
  const open: Open = () => new Socket();
  expect(await readOf(open)).toEqual({ text: 'hello', isInPlace: false, isAnother: false });
});
