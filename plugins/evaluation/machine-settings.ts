import { isAbsolute } from 'node:path';
import { invalidEvaluationSetting } from './errors.ts';

/** The operator's folder of recorded requests, a file `<model>.jsonl` each. Throws `InvalidEvaluationSetting`. */
export function requestsFolder(block: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of Object.keys(block))
    if (name !== 'requests') throw invalidEvaluationSetting(name, 'is not a setting: requests is');
  const { requests } = block;
  if (requests === undefined) return undefined;
  if (typeof requests === 'string' && isAbsolute(requests)) return requests;
  throw invalidEvaluationSetting('requests', 'must be the absolute path of a folder');
}
