import { invalidParameter } from '../errors.ts';
import { eventStream } from '../event-stream.ts';
import { defineRoute } from '../route.ts';

/** `heartbeatMs` between comments that keep a quiet connection open. */
export function followEvents(heartbeatMs: number) {
  return defineRoute({
    name: 'followEvents',
    method: 'GET',
    path: '/api/v1/events',
    tag: 'History',
    summary: 'What happens, as it happens',
    description: [
      'Server-Sent Events without end. `event` is one of `snapshot.applied`, `snapshot.held`, `plan.made`, `resource.status`,',
      '`resource.removed` and `journal.appended`; `data` is JSON. Only `journal.appended` has an `id`, the entry’s sequence:',
      'with the header `Last-Event-ID` the stream begins with the entries that were missed, at most 10,000; where there are',
      'more, an event `gap` says between which sequences to read `/api/v1/journal`. A comment comes every 15 s. A reader that',
      'does not keep up is cut off, and catches up when it connects again.',
    ].join(' '),
    answers: { 200: { description: 'The stream.', type: 'text/event-stream' } },
    handle({ kernel, log, request, closing, drop }) {
      const stream = eventStream({ kernel, log, heartbeatMs, closing, drop, after: lastSeen(request) });
      return new Response(stream, {
        headers: {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        },
      });
    },
  });
}

function lastSeen(request: Request): number | undefined {
  const header = request.headers.get('last-event-id');
  if (header === null || header === '') return undefined;
  if (/^\d{1,15}$/.test(header)) return Number(header);
  throw invalidParameter('header Last-Event-ID', 'must be the id of an event of this stream');
}
