/** A server that passes requests on, and changes some of them or of the answers. */
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

type Json = Readonly<Record<string, unknown>>;

/** What is changed where the path fits. */
export interface Change {
  readonly at: RegExp;
  /** Of the request; it keeps its length. */
  readonly asked?: (body: string) => string;
  readonly status?: (status: number, path: string) => number;
  readonly json?: (body: Json, path: string) => Json;
  readonly text?: (text: string) => string;
  readonly bytes?: (bytes: Buffer) => Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Closes the connection behind an answer of that status, and does not say so: whatever is asked over it next is not answered. It is
   * closed only then, as if both had crossed on their way.
   */
  readonly closesBehind?: (status: number) => boolean;
}

export interface Proxy {
  readonly url: string;
  close(): Promise<void>;
}

export async function startProxy(port: number, change: Change): Promise<Proxy> {
  const server = createServer();
  const closed = new WeakSet<Socket>();
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { url: path = '', method, headers } = incoming;
    if (closed.has(incoming.socket)) {
      incoming.socket.destroy();
      return;
    }
    const fits = change.at.test(path);
    // Over a connection of its own: who closes it behind one answer leaves the next alone.
    const passed = ask({ port, host: '127.0.0.1', path, method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        // The length that follows says where the body ends.
        const { 'transfer-encoding': _, ...given } = answer.headers;
        const { statusCode = 0 } = answer;
        const bytes = fits ? changed(Buffer.concat(chunks), change, path) : Buffer.concat(chunks);
        outgoing.writeHead(fits ? (change.status?.(statusCode, path) ?? statusCode) : statusCode, {
          ...given,
          ...(fits ? change.headers : {}),
          'content-length': String(bytes.length),
        });
        outgoing.end(bytes);
        if (change.closesBehind?.(outgoing.statusCode)) closed.add(incoming.socket);
      });
    });
    passed.on('continue', () => outgoing.writeContinue());
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    const { asked } = change;
    if (!fits || asked === undefined) incoming.pipe(passed);
    else bodyOf(incoming).then((body) => passed.end(Buffer.from(asked(body.toString('latin1')), 'latin1')));
  };
  server.on('request', handle);
  // Otherwise Node asks for every body by itself.
  server.on('checkContinue', handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function changed(bytes: Buffer, { json, text, bytes: change }: Change, path: string): Buffer {
  if (json !== undefined) return Buffer.from(JSON.stringify(json(parsed(bytes), path)));
  if (text !== undefined) return Buffer.from(text(bytes.toString()));
  return change === undefined ? bytes : change(bytes);
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parsed(bytes: Buffer): Json {
  try {
    return JSON.parse(bytes.toString()) as Json;
  } catch {
    return {};
  }
}
