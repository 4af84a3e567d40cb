import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an alert says, as the receiver `webhook` gets it. */
export interface HeardAlert {
  readonly name: string;
  readonly status: 'firing' | 'acknowledged' | 'resolved';
  readonly severity: string;
  readonly ref?: string;
  readonly summary: string;
  readonly description?: string;
  readonly evidence: readonly { readonly name: string; readonly value: string }[];
  readonly help: readonly { readonly text: string; readonly command?: string }[];
}

export interface AlertReceiver {
  /** Where notifications are to be sent. */
  readonly url: string;
  /** All alerts that arrived, in their order. */
  readonly heard: readonly HeardAlert[];
  close(): Promise<void>;
}

/** Somebody who is told of alerts: an HTTP server on this machine alone. */
export async function openAlertReceiver(): Promise<AlertReceiver> {
  const heard: HeardAlert[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as {
        readonly data: { readonly alerts: readonly HeardAlert[] };
      };
      heard.push(...data.alerts);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/alerts`,
    heard,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
