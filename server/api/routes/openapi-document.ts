import { answerJson } from '../answer.ts';
import { openapiDocument } from '../openapi.ts';
import { defineRoute, type Route } from '../route.ts';

/** `/openapi.json`: what all routes say of themselves, this one too. */
export function openapiRoute(others: readonly Route[]): Route {
  let document: object | undefined;
  const route: Route = defineRoute({
    name: 'getOpenapi',
    method: 'GET',
    path: '/openapi.json',
    tag: 'Operation',
    summary: 'This API as an OpenAPI 3.1 document',
    answers: { 200: { description: 'The document.', schema: { type: 'object' } } },
    isPublic: true,
    handle({ request }) {
      document ??= openapiDocument([...others, route]);
      return answerJson(request, document);
    },
  });
  return route;
}
