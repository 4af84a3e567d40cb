import type { ProposalCheck } from '../../../core/capabilities/proposal-check.ts';
import { movedDeployments } from '../../../core/capabilities/proposed-versions.ts';
import { signatureChanges } from '../../../libraries/signature-changes/index.ts';
import { type Complaint, verdictOf } from './verdict.ts';

/** Whether those who call a deployment today are still understood, and still understand the answers, after the merge. */
export const signatureCheck: ProposalCheck = {
  title: 'Clients of today are still understood',
  version: 1,

  concerns(subject) {
    const moved = movedDeployments(subject).filter(({ current, candidate }) => current && candidate);
    if (moved.length === 0) return undefined;
    return moved
      .map(
        ({ deployment, current, candidate }) => `${deployment.ref} ${current?.digest} ${candidate?.digest}`,
      )
      .join('\n');
  },

  async run(subject) {
    const complaints: Complaint[] = [];
    const places: string[] = [];
    for (const { deployment, current, candidate } of movedDeployments(subject)) {
      if (current === undefined || candidate === undefined) continue;
      const place = `${deployment.metadata.environment}/${deployment.metadata.name}`;
      places.push(place);
      const [from, to] = [current.metadata.name, candidate.metadata.name];
      for (const { bump, message } of signatureChanges(current.spec.signature, candidate.spec.signature)) {
        complaints.push({
          code: bump === 'major' ? 'ClientsBreak' : 'ClientsGain',
          resource: deployment,
          pointer: '/spec/version',
          severity: bump === 'major' ? 'error' : 'warning',
          message:
            bump === 'major'
              ? `who calls ${place} as ${from} expects would fail with ${to}: ${message}`
              : `${place} gains with ${to}: ${message}`,
          ...(bump === 'major'
            ? { hint: 'Deploy it under another name beside this one, and move the callers first.' }
            : {}),
        });
      }
    }
    return verdictOf(complaints, `callers of ${places.join(', ')} notice no difference`);
  },
};
