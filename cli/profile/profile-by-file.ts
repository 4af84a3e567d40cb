import { stat } from 'node:fs/promises';
import type { Profile } from '../../libraries/profile/index.ts';
import { dataFileProblem } from '../data-file-problem.ts';
import { withProgress } from '../output/progress.ts';
import type { Terminal } from '../terminal.ts';
import { profileData } from './profile-file.ts';

/** Profiles a file and tells how far it is. Throws `DataFileUnusable` and `FileUnreadable`. */
export async function profileFile(
  path: string,
  file: string,
  terminal: Terminal,
  options: Omit<Parameters<typeof profileData>[1], 'signal' | 'onBytes' | 'onRows'>,
): Promise<Profile> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  let bytes = 0;
  let rows = 0;
  const doing = () => {
    const share = size > 0 ? `, ${Math.min(100, Math.round((100 * bytes) / size))} %` : '';
    return `profiling ${file}: ${rows.toLocaleString('en-US')} rows${share}`;
  };
  const work = profileData(path, {
    ...options,
    signal: terminal.signal,
    onBytes: (more) => {
      bytes += more;
    },
    onRows: (seen) => {
      rows = seen;
    },
  });
  try {
    return await withProgress(terminal, doing, work);
  } catch (thrown) {
    throw dataFileProblem(path, thrown);
  }
}
