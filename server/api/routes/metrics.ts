import { defineRoute } from '../route.ts';

export const getMetrics = defineRoute({
  name: 'getMetrics',
  method: 'GET',
  path: '/metrics',
  tag: 'Operation',
  summary: 'Metrics of the kernel and of all plugins',
  answers: {
    200: { description: 'Prometheus text exposition.', type: 'text/plain', schema: { type: 'string' } },
  },
  async handle({ kernel }) {
    return new Response(await kernel.metrics(), {
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
    });
  },
});
