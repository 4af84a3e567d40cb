/**
 * `/plugins/prediction-log/…`: questions, labels, erasures. Answers are JSON. What shows values is asked by POST, so that it needs
 * what changing needs: predictions are nobody's business who may only look.
 */
import type { PredictionSink } from '../../core/capabilities/prediction-sink.ts';
import type { NewJournalEntry } from '../../core/capabilities/registry.ts';
import { isLine, methodNotAllowed, readFields } from '../../libraries/json-requests/index.ts';
import { readToldLabels } from '../../libraries/prediction-batch/index.ts';
import { logRequestInvalid, predictionNotLogged } from './errors.ts';

export interface LogRoutes {
  readonly sink: PredictionSink;
  readonly record: (entry: NewJournalEntry) => Promise<void>;
}

const mostRows = 10_000;

type Handler = (request: Request, rest: readonly string[]) => Promise<Response | undefined>;

export function logRoutes({ sink, record }: LogRoutes) {
  const handlers: Readonly<Record<string, { readonly method: 'GET' | 'POST'; readonly handle: Handler }>> = {
    status: { method: 'GET', handle: async () => Response.json(await sink.status()) },
    predictions: {
      method: 'GET',
      async handle(_request, [id = '', ...more]) {
        if (more.length > 0) return undefined;
        if (!isId(id)) throw logRequestInvalid('path', `${id.slice(0, 80)} is no prediction id`);
        const predictions = await sink.find(id.toLowerCase());
        if (predictions.length === 0) throw predictionNotLogged(id);
        return Response.json({ id, predictions });
      },
    },
    query: {
      method: 'POST',
      async handle(request) {
        const { sql, limit = 1_000 } = await readFields(request, ['sql', 'limit'], {
          refuse: logRequestInvalid,
        });
        if (typeof sql !== 'string' || sql.trim() === '')
          throw logRequestInvalid('body sql', 'sql is a SELECT');
        if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > mostRows) {
          throw logRequestInvalid('body limit', `limit is a whole number from 1 to ${mostRows}`);
        }
        return Response.json(await sink.query({ sql, limit: limit as number }, request.signal));
      },
    },
    feedback: {
      method: 'POST',
      async handle(request) {
        const told = readToldLabels(await readFields(request, ['labels'], { refuse: logRequestInvalid }));
        if ('problem' in told) throw logRequestInvalid(`body ${told.pointer.slice(1)}`, told.problem);
        return Response.json(await sink.label(told.labels));
      },
    },
    erase: {
      method: 'POST',
      async handle(request) {
        const { subject, by, reason } = await readFields(request, ['subject', 'by', 'reason'], {
          refuse: logRequestInvalid,
        });
        if (!isLine(subject, 1_000))
          throw logRequestInvalid('body subject', 'subject is the key of whom to erase, in one line');
        if (!isLine(by, 254))
          throw logRequestInvalid('body by', 'by needs the name of who says this, in one line');
        if (reason !== undefined && !isLine(reason, 1_000)) {
          throw logRequestInvalid('body reason', 'reason is a text of one line, at most 1000 characters');
        }
        const erasure = await sink.erase(subject);
        const { pseudonym, predictions, labels, files, unread } = erasure;
        const message = `${by} erased a subject from the prediction log: ${predictions} predictions, ${labels} labels`;
        const data = {
          by,
          ...(reason === undefined ? {} : { reason }),
          pseudonym,
          predictions,
          labels,
          files,
          unread,
        };
        await record({ type: 'log.erased', ref: null, commit: null, message, data });
        return Response.json(erasure);
      },
    },
  };
  return async (request: Request, path: string): Promise<Response | undefined> => {
    const [first = '', ...rest] = path.split('/').filter((part) => part !== '');
    const handler = Object.hasOwn(handlers, first) ? handlers[first] : undefined;
    if (handler === undefined || (first !== 'predictions' && rest.length > 0)) return undefined;
    if (request.method !== handler.method) throw methodNotAllowed(request.method, handler.method);
    return handler.handle(request, rest);
  };
}

function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
