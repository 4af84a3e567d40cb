import { answerJson } from '../answer.ts';
import { defineRoute } from '../route.ts';
import { reference } from '../schemas.ts';

export const getHead = defineRoute({
  name: 'getHead',
  method: 'GET',
  path: '/api/v1/head',
  tag: 'Registry',
  summary: 'Where the registry is, and what of it is applied',
  answers: { 200: { description: 'The head.', schema: reference('Head') } },
  handle: ({ kernel, request }) => answerJson(request, { ...kernel.head(), phase: kernel.phase }),
});

export const look = defineRoute({
  name: 'look',
  method: 'POST',
  path: '/api/v1/look',
  tag: 'Registry',
  summary: 'Say that the registry may have moved',
  description:
    'For a post-receive hook or a webhook: the registry is read again now instead of at the next poll. What the body says does not matter; nothing in it is trusted.',
  body: { description: 'Anything, or nothing.', schema: {} },
  answers: { 202: { description: 'It will look.', schema: reference('Accepted') } },
  handle({ kernel, request }) {
    kernel.look();
    return answerJson(request, { accepted: `${kernel.head().reference} will be read` }, 202);
  },
});
