import { largestBody, noSuchRoute, tooManyDeliveries } from './errors.ts';
import { pluginAt } from './plugin-answer.ts';
import { type RateLimit, rateLimit } from './rate-limit.ts';
import { readBytes } from './read-bytes.ts';
import { type Call, defineRoute, type Route } from './route.ts';
import { reference } from './schemas.ts';

/** How many deliveries of one sender to one plugin: as many as a busy forge sends, and no flood. */
const usual = { burst: 60, perMinute: 120 };

/**
 * Hands what others send to `/webhooks/<plugin>/` to that plugin, byte for byte. It asks for no token and answers for any
 * host name, since a forge has neither the one nor a choice of the other: the plugin verifies who sent it.
 */
export function receiveWebhook(limit: RateLimit = rateLimit(usual)): Route {
  return defineRoute({
    name: 'receiveWebhook',
    method: 'POST',
    path: '/webhooks/{plugin}',
    isRaw: true,
    isPublic: true,
    tag: 'Operation',
    summary: 'Take a delivery from a forge',
    description:
      'For webhooks of forges: the plugin verifies the signature over the bytes before it believes anything, and what it then learns is only a hint to look. At most 1 MiB, and 120 a minute of one sender to one plugin.',
    parameters: {
      plugin: {
        description: 'The plugin, and what follows below it.',
        schema: { type: 'string' },
        example: 'forge-github',
      },
    },
    body: { description: 'Whatever the forge sends.', schema: {} },
    answers: {
      202: { description: 'The plugin believed it, and looks.', type: '*/*' },
      401: { description: 'The signature is missing or wrong.', schema: reference('Error') },
      409: { description: 'It was delivered before.', schema: reference('Error') },
    },
    errors: [404, 429],
    handle: (call) => deliver(call, limit),
  });
}

async function deliver({ kernel, request, sender }: Call, limit: RateLimit): Promise<Response> {
  const { pathname } = new URL(request.url);
  const { plugin, path } = pluginAt(kernel, pathname, '/webhooks/');
  const wait = limit(`${plugin} ${sender}`);
  if (wait > 0) throw tooManyDeliveries(wait);
  const body = await readBytes(request, largestBody);
  const answer = await kernel.webhook(plugin, { path, headers: request.headers, body });
  if (answer === undefined) throw noSuchRoute(pathname);
  return answer;
}
