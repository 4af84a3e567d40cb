import { answerJson } from '../answer.ts';
import { limitOf } from '../limit-parameter.ts';
import { defineRoute } from '../route.ts';
import { count, pageOf } from '../schemas.ts';

interface Filter {
  readonly severity?: 'error' | 'warning';
  readonly limit?: number;
  readonly after?: number;
}

export const listIssues = defineRoute<Filter>({
  name: 'listIssues',
  method: 'GET',
  path: '/api/v1/issues',
  tag: 'Registry',
  summary: 'What is wrong in the files of the newest snapshot',
  query: {
    severity: {
      description: 'Only errors, or only warnings.',
      schema: { type: 'string', enum: ['error', 'warning'] },
      example: 'error',
    },
    limit: limitOf(500, 1000, 100),
    after: {
      description: 'So many are skipped: the `next` of the page before.',
      schema: { type: 'integer', minimum: 0 },
      example: 500,
    },
  },
  answers: {
    200: {
      description: 'A page of issues.',
      schema: pageOf('Issue', count('Where the next page begins; null on the last.', 500)),
    },
  },
  handle({ kernel, request, query }) {
    const { severity, limit = 500, after = 0 } = query;
    const issues = kernel.issues().filter((issue) => severity === undefined || issue.severity === severity);
    const next = after + limit < issues.length ? after + limit : null;
    return answerJson(request, { items: issues.slice(after, after + limit), next });
  },
});
