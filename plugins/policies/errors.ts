import { SwitchyardError } from '../../core/plugin.ts';

/** A file of recorded cases is not as it should be. */
export function invalidCase(where: string, problem: string): SwitchyardError {
  return new SwitchyardError('InvalidCase', `the recorded case cannot be read: ${problem}`, {
    where,
    status: 400,
    hint: 'docs/policies.md shows how cases are written.',
  });
}
