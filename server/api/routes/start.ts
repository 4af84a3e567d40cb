import { answerJson } from '../answer.ts';
import { packageVersion } from '../package-version.ts';
import { defineRoute } from '../route.ts';
import { reference } from '../schemas.ts';

export const getIndex = defineRoute({
  name: 'getIndex',
  method: 'GET',
  path: '/',
  tag: 'Operation',
  summary: 'Where to go from here',
  description: 'A browser is sent to `/docs`.',
  answers: {
    200: { description: 'Links.', schema: reference('Index') },
    302: { description: 'To the reference page.', type: 'none' },
  },
  isPublic: true,
  handle({ request }) {
    if (request.headers.get('accept')?.includes('text/html')) {
      return new Response(null, { status: 302, headers: { location: '/docs', vary: 'accept' } });
    }
    const links = {
      docs: '/docs',
      openapi: '/openapi.json',
      head: '/api/v1/head',
      resources: '/api/v1/resources',
      events: '/api/v1/events',
      readiness: '/readyz',
      metrics: '/metrics',
    };
    return answerJson(request, { name: 'switchyard', version: packageVersion(), links });
  },
});
