/** `session.run` in a loop. */
import { InferenceSession } from 'onnxruntime-node';
import type { RawOrder, RawResult } from './raw-session.ts';
import { tensorMakers } from './sent-tensors.ts';

process.on('message', (order: RawOrder) => void run(order));

async function run({ path, inputs, milliseconds }: RawOrder): Promise<void> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const feeds = tensorMakers(inputs);
  const once = () => session.run(feeds());
  for (let index = 0; index < 50; index++) await once();
  const times: number[] = [];
  const cpu = process.cpuUsage();
  const begin = performance.now();
  while (performance.now() - begin < milliseconds) {
    const start = performance.now();
    await once();
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const result: RawResult = {
    runs: times.length,
    cpuMicroseconds: (user + system) / times.length,
    p50: times[times.length >> 1]! * 1000,
    mean: (times.reduce((sum, time) => sum + time, 0) / times.length) * 1000,
  };
  process.send?.(result);
}
