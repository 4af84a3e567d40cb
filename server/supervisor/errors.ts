import { messageOf, SwitchyardError } from '../../core/errors.ts';

/** Somebody else listens on the inference port. */
export function portInUse(host: string, port: number): SwitchyardError {
  return new SwitchyardError('PortInUse', `port ${port} is in use by another program`, {
    where: `${host}:${port}`,
    hint: 'Stop that program, or choose another port with --port (0 takes a free one).',
  });
}

/** Two platforms would overwrite each other's state. */
export function dataFolderInUse(folder: string, pid: number | undefined): SwitchyardError {
  const who = pid === undefined ? 'another platform' : `another platform (process ${pid})`;
  return new SwitchyardError('DataFolderInUse', `${who} runs from this data folder`, {
    where: folder,
    hint: 'Stop it, or give this one a folder of its own with --data.',
  });
}

export function dataFolderUnusable(folder: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('DataFolderUnusable', `the data folder cannot be used: ${messageOf(cause)}`, {
    where: folder,
    hint: 'Give this user the right to write there, or name another folder with --data.',
    cause,
  });
}

/** Processes run compiled code. */
export function programMissing(path: string): SwitchyardError {
  return new SwitchyardError('ProgramMissing', 'the compiled program is not there', {
    where: path,
    hint: 'Run npm run build.',
  });
}

/** The control process said why it cannot start. */
export function controlFailed(facts: Readonly<Record<string, unknown>>): SwitchyardError {
  const text = (name: string) => (typeof facts[name] === 'string' ? facts[name] : undefined);
  return new SwitchyardError(
    text('code') ?? 'ControlFailed',
    text('error') ?? 'the control process cannot start',
    { where: text('where'), hint: text('hint') },
  );
}

export function portUnavailable(host: string, port: number, reason: string): SwitchyardError {
  return new SwitchyardError('PortUnavailable', `${host}:${port} cannot be listened on: ${reason}`, {
    where: `${host}:${port}`,
    hint: 'Choose another port, or end the program that has it.',
  });
}
