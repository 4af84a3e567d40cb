import { SwitchyardError } from '../../core/plugin.ts';
import { isObjectId } from './admission-memory.ts';

/**
 * The commit that the operator of this machine vouches for: `plugins.policies.trustedCommit` in their configuration. It is
 * the one word that counts beside history, and no registry and no API can say it. Throws `InvalidPoliciesSetting`.
 */
export function trustedCommit(settings: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, value] of Object.entries(settings)) {
    if (name === 'module') continue;
    if (name !== 'trustedCommit') throw invalid(name, 'is not a setting: trustedCommit is');
    if (!isObjectId(value)) throw invalid(name, 'must be the whole id of a commit, in quotes');
    return value;
  }
  return undefined;
}

function invalid(setting: string, problem: string): SwitchyardError {
  return new SwitchyardError('InvalidPoliciesSetting', `the setting plugins.policies.${setting} ${problem}`, {
    where: `plugins.policies.${setting}`,
    hint: 'Correct it in the configuration of this machine. See docs/admission.md.',
  });
}
