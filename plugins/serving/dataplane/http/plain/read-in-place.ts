/**
 * Reads sockets into memory that they share. Each read of a socket takes 64 KiB of memory otherwise, and with what is made
 * of it costs as much as all that is done with a request of a few lines.
 */
import { Socket, type SocketConstructorOpts } from 'node:net';

/** As much as Node reads at once. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/** What Node has of a connection that it accepted. It offers reading in place to those who connect, and not to a server. */
interface Accepted {
  _handle?: unknown;
  _server?: unknown;
  server?: unknown;
}

/**
 * A socket for the connection, in the place of the one it was accepted with, which must be paused on creation.
 * `onRead` gets the memory and how many bytes are in it, which are others' when it returns; it says whether to read on. Where Node
 * does not have what this takes, it is the socket as it was, with its bytes in `data` events.
 */
export function readInPlace(
  accepted: Socket,
  onRead: (bytes: Buffer, length: number) => boolean,
  open = (options: SocketConstructorOpts): Socket => new Socket(options),
): Socket {
  const before = accepted as Accepted;
  const { _handle: handle, _server: server } = before;
  if (!isReadable(handle) || server === undefined) {
    accepted.resume();
    return accepted;
  }
  const options: SocketConstructorOpts & { readonly handle: unknown; readonly onread: object } = {
    handle,
    allowHalfOpen: true,
    onread: { buffer: shared, callback: (length: number, bytes: Buffer) => onRead(bytes, length) },
  };
  const socket = open(options);
  if ((socket as Accepted)._handle !== handle) {
    accepted.resume();
    return accepted;
  }
  // The server counts connections by their sockets: this one takes the place of the other.
  Object.assign(before, { _handle: null, _server: null, server: null });
  Object.assign(socket, { _server: server, server } satisfies Accepted);
  return socket;
}

function isReadable(handle: unknown): boolean {
  return typeof handle === 'object' && handle !== null && 'useUserBuffer' in handle;
}
