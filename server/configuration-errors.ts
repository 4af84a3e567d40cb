import { SwitchyardError } from '../core/errors.ts';

/** A flag, a variable or a line of the configuration file has a value that cannot be used. */
export function invalidConfiguration(message: string, where: string, hint: string): SwitchyardError {
  return new SwitchyardError('InvalidConfiguration', message, { where, hint, status: 400 });
}

/** The configuration file was named but cannot be read. */
export function configurationUnreadable(path: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('ConfigurationUnreadable', 'the configuration file cannot be read', {
    where: path,
    hint: 'Name a file that this user may read with --config, or leave the flag out.',
    cause,
  });
}

/** No home folder and no `--data`: there is no place to keep anything. */
export function dataFolderUnknown(): SwitchyardError {
  return new SwitchyardError('DataFolderUnknown', 'there is no home folder to keep data in', {
    hint: 'Name a folder with --data or SWITCHYARD_DATA.',
  });
}
