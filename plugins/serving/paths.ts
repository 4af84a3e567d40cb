import { join } from 'node:path';
import { SocketPathError, socketPath } from '../../libraries/socket-lock/index.ts';
import { controlSocketFailed } from './errors.ts';

export interface ServingPaths {
  /** The routing table that was published last. */
  readonly table: string;
  /** The content-addressed cache of artifacts. */
  readonly artifacts: string;
  /** Tables of previews, while they run. */
  readonly previews: string;
  /** The socket (on Windows, the named pipe) on which control waits for inference processes. */
  readonly socket: string;
}

/** Where serving keeps what it shares with the inference processes, below its own folder, which must exist. */
export function servingPaths(folder: string): ServingPaths {
  return {
    table: join(folder, 'table.json'),
    artifacts: join(folder, 'artifacts'),
    previews: join(folder, 'previews'),
    socket: controlSocket(folder),
  };
}

/** Throws `ControlSocketFailed`. */
function controlSocket(folder: string): string {
  try {
    return socketPath(folder, 'control');
  } catch (error) {
    if (error instanceof SocketPathError) throw controlSocketFailed(folder, error.message, error);
    throw error;
  }
}
