/** Asks a server every 20 ms whether it lives, on a connection of its own. */
import { Agent, get } from 'node:http';

export interface HealthTimes {
  /** Milliseconds; infinite where an answer did not come. */
  readonly p50: number;
  readonly p99: number;
}

export function watchHealth(port: number): { stop(): HealthTimes } {
  const agent = new Agent({ keepAlive: true });
  const took: number[] = [];
  let isOver = false;
  const timer = setInterval(() => {
    const begin = performance.now();
    get({ port, host: '127.0.0.1', path: '/v2/health/live', agent }, (response) => {
      response.resume();
      response.on('end', () => took.push(performance.now() - begin));
    }).on('error', () => {
      if (!isOver) took.push(Number.POSITIVE_INFINITY);
    });
  }, 20);
  return {
    stop() {
      isOver = true;
      clearInterval(timer);
      agent.destroy();
      took.sort((a, b) => a - b);
      const at = (share: number): number => took[Math.floor(took.length * share)] ?? Number.POSITIVE_INFINITY;
      return { p50: at(0.5), p99: at(0.99) };
    },
  };
}
