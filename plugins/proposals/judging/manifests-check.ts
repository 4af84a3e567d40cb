import type { ProposalCheck } from '../../../core/capabilities/proposal-check.ts';
import { newIssues } from './subject.ts';

/** The manifests of the merge result are valid, by the code that would apply them. */
export const manifestsCheck: ProposalCheck = {
  title: 'The manifests are valid',
  version: 1,
  concerns: ({ base, merged }) => JSON.stringify(newIssues(base.issues, merged.issues)),
  async run({ base, merged }) {
    const issues = newIssues(base.issues, merged.issues);
    const errors = issues.filter(({ severity }) => severity === 'error');
    const warnings = issues.length - errors.length;
    const [first] = errors;
    const facts = { errors: errors.length, warnings };
    if (first !== undefined) {
      const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`;
      return {
        outcome: 'fail',
        summary: `${first.path}:${first.line}: ${first.message}${more}`,
        annotations: issues,
        facts,
      };
    }
    const noted = warnings === 0 ? '' : `, with ${warnings} new ${warnings === 1 ? 'warning' : 'warnings'}`;
    return { outcome: 'pass', summary: `all manifests are valid${noted}`, annotations: issues, facts };
  },
};
