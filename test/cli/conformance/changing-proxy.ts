/** A server that passes requests on, and changes some of the answers. */
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is changed of the answers to paths that fit. */
export interface Change {
  readonly at: RegExp;
  readonly status?: (status: number) => number;
  readonly json?: (body: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  readonly text?: (text: string) => string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Proxy {
  readonly url: string;
  close(): Promise<void>;
}

export async function startProxy(port: number, change: Change): Promise<Proxy> {
  const server = createServer((incoming, outgoing) => {
    const { url: path = '', method, headers } = incoming;
    const passed = ask({ port, host: '127.0.0.1', path, method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const { statusCode = 0, headers: given } = answer;
        const fits = change.at.test(path);
        const bytes = fits ? changed(Buffer.concat(chunks), change) : Buffer.concat(chunks);
        outgoing.writeHead(fits ? (change.status?.(statusCode) ?? statusCode) : statusCode, {
          ...given,
          ...(fits ? change.headers : {}),
          'content-length': String(bytes.length),
        });
        outgoing.end(bytes);
      });
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
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

function changed(bytes: Buffer, { json, text }: Change): Buffer {
  if (json !== undefined) return Buffer.from(JSON.stringify(json(parsed(bytes))));
  return text === undefined ? bytes : Buffer.from(text(bytes.toString()));
}

function parsed(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(bytes.toString()) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
