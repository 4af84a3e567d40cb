/**
 * Locks between the processes of one machine. The lock is a socket that its holder listens on: the kernel itself says whether
 * the holder lives, also where process ids mean something else (in another container), and a killed holder leaves nothing that
 * has to be guessed about. No socket is ever taken away from somebody who lives: `claim.ts` says how that is had without locks.
 */
export { answers } from './answers.ts';
export { type LockHolder, lockOrWait, type SocketLock, tryLock } from './lock.ts';
export { SocketPathError, socketPath } from './socket-path.ts';
