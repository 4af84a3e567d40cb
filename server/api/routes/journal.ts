import type { JournalQuery } from '../../../core/state/store.ts';
import { answerJson } from '../answer.ts';
import { limitOf } from '../limit-parameter.ts';
import { defineRoute } from '../route.ts';
import { count, pageOf } from '../schemas.ts';

export const listJournal = defineRoute<Partial<JournalQuery>>({
  name: 'listJournal',
  method: 'GET',
  path: '/api/v1/journal',
  tag: 'History',
  summary: 'What the platform did, newest first',
  description: 'For which commit and with which evidence. Entries are never changed.',
  query: {
    ref: {
      description: 'Only about this resource.',
      schema: { type: 'string', minLength: 1, maxLength: 1000 },
      example: 'Deployment/production/bird-strike',
    },
    type: {
      description: 'Only of this type.',
      schema: { type: 'string', minLength: 1, maxLength: 200 },
      example: 'snapshot.applied',
    },
    commit: {
      description: 'Only for this commit, by its whole id.',
      schema: { type: 'string', minLength: 1, maxLength: 64 },
      example: '3f786850e387550fdab836ed7e6dc881de23001b',
    },
    after: {
      description: 'Only entries with a higher sequence: what is new since.',
      schema: { type: 'integer', minimum: 0 },
      example: 42,
    },
    before: {
      description: 'Only entries with a lower sequence: the `next` of the page before.',
      schema: { type: 'integer', minimum: 1 },
      example: 42,
    },
    limit: limitOf(100, 1000, 50),
  },
  answers: {
    200: {
      description: 'A page of entries.',
      schema: pageOf('JournalEntry', count('Give it as `before` for the next page; null on the last.', 42)),
    },
  },
  async handle({ kernel, request, query }) {
    const limit = query.limit ?? 100;
    const entries = await kernel.journal({ ...query, limit: limit + 1 });
    const items = entries.slice(0, limit);
    return answerJson(request, {
      items,
      next: entries.length > limit ? (items.at(-1)?.sequence ?? null) : null,
    });
  },
});
