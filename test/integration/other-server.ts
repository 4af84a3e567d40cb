/** A server of the Open Inference Protocol that is not ours, as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fixtureModels } from '../../cli/conformance/fixture-models.ts';
import { readSignature, type TensorSignature } from '../../libraries/onnx/index.ts';
import { until } from '../fixtures/until.ts';

export interface OtherServer {
  /** All that it printed until now. */
  said(): string;
  stop(): Promise<void>;
}

export interface Started {
  /** What it is called where it does not start. */
  readonly name: string;
  readonly program: string;
  readonly words: readonly string[];
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What it reads on standard input, which stays open until it is stopped or this process is gone. */
  readonly input?: string;
  /** Where it says that it is ready. */
  readonly url: string;
}

/** Starts it, and waits until it is ready. */
export async function startOther(started: Started): Promise<OtherServer> {
  const { name, program, words, folder, environment, input, url } = started;
  const server = spawn(program, words, { cwd: folder, env: { ...process.env, ...environment } });
  let said = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  if (input !== undefined) server.stdin.write(input);
  const stop = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    server.kill('SIGKILL');
    await exit;
  };
  const isReady = async () => {
    if (server.exitCode !== null) throw new Error(`${name} ended with ${server.exitCode}: ${said}`);
    const ready = await fetch(`${url}/v2/health/ready`).catch(() => undefined);
    return ready?.status === 200;
  };
  try {
    await until(isReady, { deadlineMs: 90_000, everyMs: 250, what: `${name} is ready` });
  } catch (error) {
    await stop();
    throw error;
  }
  return { said: () => said, stop };
}

/** The fixtures as such a server declares them: all but that of BF16, a datatype that NumPy does not have. */
export const declaredFixtures = fixtureModels()
  .filter(({ name }) => name !== 'conformance-bf16')
  .map(({ name, bytes }) => {
    const { inputs, outputs } = readSignature(bytes);
    return { name, inputs: inputs.map(tensor), outputs: outputs.map(tensor) };
  });

function tensor({ name, datatype, shape }: TensorSignature) {
  return { name, datatype, shape: shape?.map((size) => size ?? -1) };
}
