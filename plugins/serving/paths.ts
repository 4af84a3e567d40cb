import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
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
    socket: socketPath(folder, 'control'),
  };
}

/** macOS takes 104 bytes with the final zero; Linux 108. */
const longestSocketPath = 103;

/**
 * The path of a socket that belongs to a folder. One that is too long for a socket is replaced by one in the temporary
 * folder, the same for the same folder.
 */
export function socketPath(folder: string, name: string): string {
  const identity = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 20);
  if (process.platform === 'win32') return `\\\\.\\pipe\\switchyard-${identity}-${name}`;
  const direct = join(folder, `${name}.sock`);
  if (Buffer.byteLength(direct) + roomForSuffix <= longestSocketPath) return direct;
  return join(privateTemporaryFolder(), `${identity}-${name}.sock`);
}

/** A stale socket is moved aside under its name and a process id. */
const roomForSuffix = 9;

/** The temporary folder is everyone's: a folder of this user's own keeps others from listening in their place. */
function privateTemporaryFolder(): string {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `switchyard-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = statSync(folder);
  if (owner === uid && (mode & 0o077) === 0) return folder;
  throw controlSocketFailed(folder, 'the folder belongs to somebody else, or others may write to it');
}
