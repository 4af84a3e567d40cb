import { answerJson } from '../answer.ts';
import { defineRoute } from '../route.ts';
import { listOf } from '../schemas.ts';

export const listPlugins = defineRoute({
  name: 'listPlugins',
  method: 'GET',
  path: '/api/v1/plugins',
  tag: 'Platform',
  summary: 'The plugins that run',
  description:
    'In the order in which they were started. What a plugin answers itself is below `/plugins/{name}/`.',
  answers: { 200: { description: 'All plugins.', schema: listOf('Plugin') } },
  handle: ({ kernel, request }) => answerJson(request, { items: kernel.plugins() }),
});
