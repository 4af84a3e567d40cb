import type { Plan } from '../../../core/control/plan.ts';
import type { PlanRecord } from '../../../core/state/store.ts';
import { answerJson } from '../answer.ts';
import { planNotFound } from '../errors.ts';
import { limitOf } from '../limit-parameter.ts';
import { defineRoute } from '../route.ts';
import { commit, listOf, reference } from '../schemas.ts';

export const listPlans = defineRoute<{ readonly limit?: number }>({
  name: 'listPlans',
  method: 'GET',
  path: '/api/v1/plans',
  tag: 'History',
  summary: 'The plans that were made, newest first',
  query: {
    limit: limitOf(50, 500, 10),
  },
  answers: { 200: { description: 'Plans.', schema: listOf('PlanSummary') } },
  async handle({ kernel, request, query }) {
    const plans = await kernel.plans(query.limit ?? 50);
    return answerJson(request, { items: plans.map(summary) });
  },
});

export const getPlan = defineRoute({
  name: 'getPlan',
  method: 'GET',
  path: '/api/v1/plans/{to}',
  tag: 'History',
  summary: 'The plan that leads to a commit',
  parameters: {
    to: {
      description: 'The whole id of the commit that it leads to.',
      schema: commit('The whole id of the commit.'),
      example: '3f786850e387550fdab836ed7e6dc881de23001b',
    },
  },
  answers: { 200: { description: 'The plan.', schema: reference('Plan') } },
  errors: [404],
  async handle({ kernel, request, parameters: { to = '' } }) {
    const record = await kernel.plan(to);
    if (record === undefined) throw planNotFound(to);
    return answerJson(request, { ...summary(record), changes: planOf(record).changes });
  },
});

function summary(record: PlanRecord) {
  const { changes } = planOf(record);
  return {
    from: record.from,
    to: record.to,
    time: record.time,
    changeCount: changes.length,
    stepCount: changes.reduce((sum, { steps }) => sum + steps.length, 0),
  };
}

function planOf(record: PlanRecord): Plan {
  return record.plan as Plan;
}
