import type { Gate, Requirement } from '../../../core/capabilities/gate.ts';

/**
 * What holds whatever the policies say: the manifests of the merge result are valid. Where no other gate is there to say
 * which checks count, all of them do.
 */
export function mergeableGate(isAlone: () => boolean): Gate {
  return {
    async judge({ checks }) {
      const requirements: Requirement[] = [];
      for (const { name, outcome, summary } of checks) {
        if (name !== 'manifests' && !isAlone()) continue;
        const met = outcome === 'pass' || outcome === 'neutral';
        requirements.push({
          code: outcome === 'pending' ? 'CheckPending' : met ? 'CheckPassed' : 'CheckFailed',
          rule: `check ${name}`,
          met,
          message: met
            ? `${name} passed`
            : outcome === 'pending'
              ? `${name} has not ended`
              : `${name}: ${summary}`,
          ...(met || outcome === 'pending' ? {} : { hint: hintOf(name, outcome) }),
        });
      }
      if (!checks.some(({ name }) => name === 'manifests')) {
        requirements.push({
          code: 'CheckMissing',
          rule: 'check manifests',
          met: false,
          message: 'the manifests were not checked',
          hint: 'Have it judged again.',
        });
      }
      return { allowed: requirements.every(({ met }) => met), requirements };
    },
  };
}

function hintOf(name: string, outcome: string): string {
  return outcome === 'error'
    ? `It could not judge: run it again (\`switchyard proposals\` names the command) once its cause is gone.`
    : `Push a commit that ${name === 'manifests' ? 'corrects the manifests' : 'the check passes'}.`;
}
