/** The health protocol of gRPC: https://github.com/grpc/grpc/blob/master/doc/health-checking.md. */
import { InferenceError } from '../errors/inference-error.ts';
import type { MessageStream } from './message-stream.ts';

interface Asked {
  readonly service: string;
}

type Status = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

const lookEveryMs = 250;

export interface Health {
  /** Throws `NotFound`. */
  check(request: Asked): { readonly status: Status };
  watch(stream: MessageStream): void;
  list(): { readonly statuses: Readonly<Record<string, { readonly status: Status }>> };
}

/** `isReady`: whether predictions are answered. `isLeaving`: nobody is told anything any more. `services`: names that may be asked for, beside the empty one. */
export function health(
  isReady: () => boolean,
  isLeaving: () => boolean,
  services: readonly string[],
): Health {
  const known = new Set(['', ...services]);
  const statusOf = (service: string): Status => {
    if (!known.has(service)) return 'SERVICE_UNKNOWN';
    return isReady() ? 'SERVING' : 'NOT_SERVING';
  };
  return {
    check({ service }) {
      const status = statusOf(service);
      if (status === 'SERVICE_UNKNOWN') throw new InferenceError('NotFound', 404, 'there is no such service');
      return { status };
    },
    watch(stream) {
      stream.once('data', ({ service }: Asked) => {
        let told: Status | undefined;
        const look = (): void => {
          const status = statusOf(service);
          if (status !== told) stream.write({ status });
          told = status;
          if (isLeaving()) stream.end();
        };
        look();
        const timer = setInterval(look, lookEveryMs).unref();
        stream.on('close', () => clearInterval(timer));
      });
    },
    list: () => ({
      statuses: Object.fromEntries([...known].map((name) => [name, { status: statusOf(name) }])),
    }),
  };
}
