import { openMetrics, prefersOpenMetrics, withoutExemplars } from '../../exposition.ts';
import { defineRoute } from '../route.ts';

export const getMetrics = defineRoute({
  name: 'getMetrics',
  method: 'GET',
  path: '/metrics',
  tag: 'Operation',
  summary: 'Metrics of the kernel and of all plugins',
  description:
    'Prometheus text exposition; OpenMetrics, with exemplars, where `Accept` asks for `application/openmetrics-text`.',
  answers: {
    200: { description: 'Prometheus text exposition.', type: 'text/plain', schema: { type: 'string' } },
  },
  async handle({ kernel, request }) {
    const page = await kernel.metrics();
    const isOpen = prefersOpenMetrics(request.headers.get('accept'));
    return new Response(isOpen ? openMetrics(page) : withoutExemplars(page), {
      headers: {
        'content-type': isOpen
          ? 'application/openmetrics-text; version=1.0.0; charset=utf-8'
          : 'text/plain; version=0.0.4; charset=utf-8',
        'cache-control': 'no-store',
        vary: 'Accept',
      },
    });
  },
});
