/** The health protocol of gRPC: https://github.com/grpc/grpc/blob/master/doc/health-checking.md. */
import {
  status as codes,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

interface Asked {
  readonly service: string;
}

type Status = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

const lookEveryMs = 250;

/** `isReady`: whether predictions are answered. `isLeaving`: nobody is told anything any more. `services`: names that may be asked for, beside the empty one. */
export function healthHandlers(
  isReady: () => boolean,
  isLeaving: () => boolean,
  services: readonly string[],
): UntypedServiceImplementation {
  const known = new Set(['', ...services]);
  const statusOf = (service: string): Status => {
    if (!known.has(service)) return 'SERVICE_UNKNOWN';
    return isReady() ? 'SERVING' : 'NOT_SERVING';
  };
  return {
    check(call: ServerUnaryCall<Asked, object>, answer: sendUnaryData<object>) {
      const status = statusOf(call.request.service);
      if (status === 'SERVICE_UNKNOWN')
        answer({ code: codes.NOT_FOUND, details: 'there is no such service' });
      else answer(null, { status });
    },
    watch(call: ServerWritableStream<Asked, object>) {
      let told: Status | undefined;
      const look = (): void => {
        const status = statusOf(call.request.service);
        if (status !== told) call.write({ status });
        told = status;
        if (isLeaving()) call.end();
      };
      look();
      const timer = setInterval(look, lookEveryMs).unref();
      const end = (): void => clearInterval(timer);
      call.on('cancelled', end);
      call.on('close', end);
      call.on('error', end);
    },
    list(_: unknown, answer: sendUnaryData<object>) {
      const statuses = Object.fromEntries([...known].map((name) => [name, { status: statusOf(name) }]));
      answer(null, { statuses });
    },
  };
}
