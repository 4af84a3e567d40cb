import type { SnapshotRecord } from '../../../core/state/store.ts';
import { answerJson } from '../answer.ts';
import { snapshotNotFound } from '../errors.ts';
import { limitOf } from '../limit-parameter.ts';
import { defineRoute, type Parameter } from '../route.ts';
import { commit, listOf, reference } from '../schemas.ts';

const commitParameter: Parameter = {
  description: 'The whole id of the commit.',
  schema: commit('The whole id of the commit.'),
  example: '3f786850e387550fdab836ed7e6dc881de23001b',
};

export const listSnapshots = defineRoute<{ readonly limit?: number }>({
  name: 'listSnapshots',
  method: 'GET',
  path: '/api/v1/snapshots',
  tag: 'History',
  summary: 'The commits that were read, newest first',
  query: {
    limit: limitOf(50, 500, 10),
  },
  answers: { 200: { description: 'Snapshots.', schema: listOf('SnapshotSummary') } },
  async handle({ kernel, request, query }) {
    const snapshots = await kernel.snapshots(query.limit ?? 50);
    return answerJson(request, { items: snapshots.map(summary) });
  },
});

export const getSnapshot = defineRoute({
  name: 'getSnapshot',
  method: 'GET',
  path: '/api/v1/snapshots/{commit}',
  tag: 'History',
  summary: 'One commit that was read, with its issues',
  parameters: { commit: commitParameter },
  answers: { 200: { description: 'The snapshot.', schema: reference('Snapshot') } },
  errors: [404],
  async handle({ kernel, request, parameters: { commit = '' } }) {
    const snapshot = await kernel.snapshot(commit);
    if (snapshot === undefined) throw snapshotNotFound(commit);
    return answerJson(request, { ...summary(snapshot), issues: snapshot.issues });
  },
});

export const acknowledgeSnapshot = defineRoute<unknown, { readonly by?: string }>({
  name: 'acknowledgeSnapshot',
  method: 'POST',
  path: '/api/v1/snapshots/{commit}/acknowledge',
  tag: 'Registry',
  summary: 'Let a held commit through',
  description:
    'A commit that would remove a large share of all resources is held until a human acknowledges it. Who did is written into the journal.',
  parameters: { commit: commitParameter },
  body: {
    description: 'Who lets it through.',
    schema: {
      type: 'object',
      properties: {
        by: { type: 'string', description: 'A name.', examples: ['ada'], minLength: 1, maxLength: 200 },
      },
      additionalProperties: false,
    },
  },
  answers: { 200: { description: 'It is let through.', schema: reference('Acknowledged') } },
  errors: [409],
  async handle({ kernel, request, parameters: { commit = '' }, body }) {
    const by = body?.by ?? 'someone at the API';
    await kernel.acknowledge(commit, by);
    return answerJson(request, { commit, by });
  },
});

function summary({ commit, time, state, message, resources, issues }: SnapshotRecord) {
  return { commit, time, state, message, resources, issueCount: issues.length };
}
