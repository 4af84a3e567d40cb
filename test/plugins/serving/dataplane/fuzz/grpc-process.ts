/** A real process that answers gRPC, and a client of bare HTTP/2, which holds nobody to anything. */
import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { until } from '../../../../fixtures/until.ts';
import { type Child, spawnChild } from '../fixtures/child.ts';
import { call } from '../fixtures/client.ts';
import { ControlEnd } from '../fixtures/control-end.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { identityModel, linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';
import type { Question } from './grpc-question.ts';

/** What came of a call. */
export interface Outcome {
  /** By its name; `cut` where it ended without one. */
  readonly status: string;
  readonly details: string;
  /** The first message of the answer. */
  readonly message: Buffer | undefined;
}

export class GrpcProcess {
  readonly child: Child;
  readonly #control: ControlEnd;
  readonly #folder: ReturnType<typeof temporaryFolder>;

  private constructor(child: Child, control: ControlEnd, folder: ReturnType<typeof temporaryFolder>) {
    this.child = child;
    this.#control = control;
    this.#folder = folder;
  }

  static async start(): Promise<GrpcProcess> {
    const folder = temporaryFolder();
    const path = join(folder.path, 'control.sock');
    const control = await ControlEnd.listen(path);
    const child = await spawnChild('--control', path, '--grpc-port', '0', '--log-requests', 'none');
    await until(() => control.isConnected);
    const models = {
      ...{ linear: linearModel(2, 1, 2), int64: identityModel('INT64') },
      ...{ bytes: identityModel('BYTES'), bool: identityModel('BOOL') },
    };
    const deployments = Object.entries(models).map(([name, built]) =>
      deployment(name, [pin(folder.path, '1.0.0', built)]),
    );
    control.publish(table(...deployments));
    await until(() => Object.keys(control.report?.routes ?? {}).length === deployments.length);
    return new GrpcProcess(child, control, folder);
  }

  open(): ClientHttp2Session {
    const session = connect(`http://127.0.0.1:${this.child.grpcPort}`);
    session.on('error', () => {});
    return session;
  }

  get residentMebibytes(): number {
    return this.#memory('VmRSS');
  }

  /** The most that it ever had. */
  get mostMebibytes(): number {
    return this.#memory('VmHWM');
  }

  /** What is wrong with it; undefined where nothing is. */
  async problem(): Promise<string | undefined> {
    const { process: child, port, log } = this.child;
    if (child.exitCode !== null || child.signalCode !== null) return `it has ended: ${log()}`;
    const { status: ready } = await call(port, '/v2/health/ready');
    if (ready !== 200) return `it says ${ready}: ${log()}`;
    return /"level":(50|60)/.test(log()) ? log() : undefined;
  }

  async stop(): Promise<void> {
    this.child.process.kill('SIGKILL');
    await this.child.ended;
    await this.#control.close();
    this.#folder.remove();
  }

  #memory(field: string): number {
    const text = readFileSync(`/proc/${this.child.process.pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024;
  }
}

/** Asks, and waits until all of the answer has come. */
export function ask(session: ClientHttp2Session, { path, headers, bytes }: Question): Promise<Outcome> {
  return new Promise((resolve) => {
    const stream = session.request({
      ...{ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' },
      ...headers,
    });
    let said: Readonly<Record<string, unknown>> = {};
    const take = (given: object): void => {
      said = { ...said, ...given };
    };
    const pieces: Buffer[] = [];
    stream.on('response', take);
    stream.on('trailers', take);
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('error', () => {});
    stream.on('close', () => {
      const code = said['grpc-status'];
      const body = Buffer.concat(pieces);
      resolve({
        status: code === undefined ? 'cut' : (status[Number(code)] ?? `status ${String(code)}`),
        details: String(said['grpc-message'] ?? ''),
        message: body.length < 5 ? undefined : body.subarray(5, 5 + body.readUInt32BE(1)),
      });
    });
    stream.end(bytes);
  });
}
