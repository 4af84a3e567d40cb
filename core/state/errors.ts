import { statfsSync } from 'node:fs';
import { messageOf, SwitchyardError } from '../errors.ts';

/** The folder or file of the state cannot be created or written. */
export function stateNotWritable(where: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError('StateNotWritable', `the state cannot be written: ${messageOf(cause)}`, {
    where,
    hint: 'Give the user that runs Switchyard write access to this folder, or name another with --data.',
    cause,
  });
}

export function stateDiskFull(where: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError('StateDiskFull', 'the disk that holds the state is full', {
    where,
    hint: 'Free space on it. Nothing that was acknowledged is lost; what could not be written is tried again.',
    status: 507,
    cause,
  });
}

/** Another process holds the database's lock for longer than we wait. */
export function stateBusy(where: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError('StateBusy', 'another process holds the lock of the state', {
    where,
    hint: 'Run one control process for each state folder; end the other, or name another folder with --data.',
    status: 503,
    cause,
  });
}

/** Damage met while running; damage met while opening is set aside instead. */
export function stateCorrupt(where: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError('StateCorrupt', `the state is damaged: ${messageOf(cause)}`, {
    where,
    hint: 'Restart Switchyard: it sets the damaged file aside and observes anew. Git holds what is declared.',
    cause,
  });
}

export function stateFromNewerVersion(where: string, unknown: readonly string[]): SwitchyardError {
  return new SwitchyardError(
    'StateFromNewerVersion',
    `the state was written by a newer version of Switchyard (it has had ${unknown.join(', ')})`,
    {
      where,
      hint: 'Run that version or a later one, or move the file away: state is observed anew, only history is lost.',
    },
  );
}

export function stateClosed(where: string): SwitchyardError {
  return new SwitchyardError('StateClosed', 'the state is closed', { where, status: 503 });
}

export function unstorableValue(what: string, cause: unknown): SwitchyardError {
  return new SwitchyardError(
    'UnstorableValue',
    `${what} cannot be kept: ${cause === undefined ? 'it has no JSON' : messageOf(cause)}`,
    { hint: 'Keep what JSON can hold: no cycles, no bigint, no functions.', cause },
  );
}

export function stateFailed(where: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('StateFailed', `the state could not be read or written: ${messageOf(cause)}`, {
    where,
    hint: 'The cause is in the log. State is only observations: with the file moved away, Switchyard observes anew.',
    cause,
  });
}

/** Says in our words what the database said in its own. */
export function stateErrorFrom(thrown: unknown, where: string): SwitchyardError {
  if (thrown instanceof SwitchyardError) return thrown;
  switch (primaryCodeOf(thrown)) {
    case 'SQLITE_FULL':
      return stateDiskFull(where, thrown);
    case 'SQLITE_READONLY':
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_PERM':
      return stateNotWritable(where, thrown);
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return stateBusy(where, thrown);
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
      return stateCorrupt(where, thrown);
    case 'SQLITE_IOERR':
      return isDiskFull(where) ? stateDiskFull(where, thrown) : stateFailed(where, thrown);
    default:
      return stateFailed(where, thrown);
  }
}

/** Whether something thrown means that the file itself is damaged. */
export function isDamage(thrown: unknown): boolean {
  const code = primaryCodeOf(thrown);
  return code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB';
}

const primaryCodes: Readonly<Record<number, string>> = {
  3: 'SQLITE_PERM',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  26: 'SQLITE_NOTADB',
};

/** The driver names extended codes unevenly, and a failed open carries its number in the message alone. */
function primaryCodeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if ('rawCode' in thrown && typeof thrown.rawCode === 'number') return primaryCodes[thrown.rawCode & 0xff];
  const opening = /^\s*ConnectionFailed\(.*: (\d+)"\)$/s.exec(thrown.message);
  return opening === null ? undefined : primaryCodes[Number(opening[1]) & 0xff];
}

/** A full disk shows as an I/O error where SQLite maps memory on it. */
function isDiskFull(where: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(where);
    return bavail * bsize < 64 * 1024;
  } catch {
    return false;
  }
}
