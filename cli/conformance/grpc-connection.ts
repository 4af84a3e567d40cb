/** Whether there is a server of gRPC at all: known before any case speaks of how it answers. */
import { type Client, connectivityState } from '@grpc/grpc-js';

/** Connects. `failed` after the first attempt, with all addresses of the name tried: grpc-js itself tries for ever. */
export function connectionOf(
  client: Client,
  timeoutMs: number,
): Promise<'connected' | 'failed' | 'no answer in time'> {
  const channel = client.getChannel();
  const deadline = Date.now() + timeoutMs;
  return new Promise((resolve) => {
    const look = (late?: Error): void => {
      const state = channel.getConnectivityState(true);
      if (late !== undefined) resolve('no answer in time');
      else if (state === connectivityState.READY) resolve('connected');
      else if (state === connectivityState.TRANSIENT_FAILURE) resolve('failed');
      else channel.watchConnectivityState(state, deadline, look);
    };
    look();
  });
}
