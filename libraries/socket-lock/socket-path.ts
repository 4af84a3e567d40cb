import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Thrown where the path needs a folder of this user alone, and there is none. */
export class SocketPathError extends Error {
  override readonly name = 'SocketPathError';
}

/** macOS takes 104 bytes with the final zero; Linux 108. */
const longestSocketPath = 103;

/**
 * The path of a socket that belongs to a folder, which must exist. One that is too long for a socket is replaced by one in the temporary
 * folder, the same for the same folder.
 */
export function socketPath(folder: string, name: string): string {
  const identity = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 20);
  if (process.platform === 'win32') return `\\\\.\\pipe\\switchyard-${identity}-${name}`;
  const direct = join(folder, `${name}.sock`);
  if (Buffer.byteLength(direct) + roomForSuffix <= longestSocketPath) return direct;
  return join(privateTemporaryFolder(), `${identity}-${name}.sock`);
}

/** Each claim has a name of its own behind it. */
const roomForSuffix = 9;

/** The temporary folder is everyone's: a folder of this user's own keeps others from listening in their place. */
function privateTemporaryFolder(): string {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `switchyard-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = statSync(folder);
  if (owner === uid && (mode & 0o077) === 0) return folder;
  throw new SocketPathError(`${folder} belongs to somebody else, or others may write to it`);
}
