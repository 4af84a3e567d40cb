import { setTimeout as wait } from 'node:timers/promises';
import { isCodedError } from '../../core/errors.ts';
import type { Terminal } from '../terminal.ts';
import { errorOf } from './error-answer.ts';
import { serverUnreachable, unexpectedAnswer } from './errors.ts';
import { findPlatform } from './find-platform.ts';
import { refuseRedirect } from './redirect.ts';
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts';

/** The status API of one platform. */
export interface Api {
  readonly url: string;
  /** Base URL of inference, where it is known without asking. */
  readonly inference: string | undefined;
  /** Throws `ServerUnreachable`, `UnexpectedAnswer`, or the platform's own error with its code. */
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  remove<T>(path: string): Promise<T>;
  /** The answer as it comes, however long it takes. */
  stream(path: string, init: RequestInit): Promise<Response>;
  /**
   * Events as they come, without end: a connection that breaks is made anew. Each connection begins with an event
   * `connected`, at which the caller reads what it may have missed. Ends when the terminal's signal aborts. `onGap` is
   * told when the connection is lost and when it is back.
   */
  follow(path: string, onGap: (state: 'lost' | 'back') => void): AsyncGenerator<ServerSentEvent>;
}

/** The event that a connection begins with; no event of the platform has this name. */
export const connected = 'connected';

export interface ApiOptions {
  readonly api?: string;
  /** Milliseconds to wait for the answer of one request. Default 30,000. */
  readonly timeout?: number;
}

/** Finds the platform that the command means. Asks nothing of it yet. */
export async function connect(options: ApiOptions, terminal: Terminal): Promise<Api> {
  const address = await findPlatform(options.api, terminal);
  // A plugin's own routes are beside those of the status API.
  const isBeside = (path: string) => path.startsWith('/plugins/') || path.startsWith('/proposals/');
  const urlOf = (path: string) => `${address.api}${isBeside(path) ? '' : '/api/v1'}${path}`;
  const timeout = options.timeout ?? 30_000;
  const headers: Record<string, string> = { accept: 'application/json' };
  const token = terminal.environment.SWITCHYARD_API_TOKEN;
  if (token) headers.authorization = `Bearer ${token}`;

  // Whoever has answered once is worth waiting for.
  let hasAnswered = false;

  async function request(path: string, init: RequestInit): Promise<Response> {
    try {
      const response = await fetch(urlOf(path), {
        ...init,
        headers: { ...headers, ...init.headers },
        redirect: 'manual',
      });
      hasAnswered = true;
      await refuseRedirect(response, urlOf(path));
      return response;
    } catch (error) {
      if (terminal.signal.aborted || isCodedError(error)) throw error;
      throw serverUnreachable(address.api, address.how, error);
    }
  }

  async function answer<T>(path: string, init: RequestInit): Promise<T> {
    const limits = [terminal.signal, AbortSignal.timeout(timeout), ...(init.signal ? [init.signal] : [])];
    const response = await request(path, { ...init, signal: AbortSignal.any(limits) });
    const text = await response.text().catch((error: unknown) => {
      throw serverUnreachable(address.api, address.how, error);
    });
    if (!response.ok) throw errorOf(text, response.status, urlOf(path));
    try {
      return (text === '' ? undefined : JSON.parse(text)) as T;
    } catch (error) {
      throw unexpectedAnswer(urlOf(path), response.status, error);
    }
  }

  async function* follow(
    path: string,
    onGap: (state: 'lost' | 'back') => void,
  ): AsyncGenerator<ServerSentEvent> {
    let last: string | undefined;
    let pause = 250;
    let isLost = false;
    while (!terminal.signal.aborted) {
      try {
        const resume: Record<string, string> = last === undefined ? {} : { 'last-event-id': last };
        const response = await request(path, {
          headers: { accept: 'text/event-stream', ...resume },
          signal: terminal.signal,
        });
        if (!response.ok || !response.body)
          throw errorOf(await response.text(), response.status, urlOf(path));
        if (isLost) onGap('back');
        isLost = false;
        pause = 250;
        yield { id: undefined, event: connected, data: '' };
        for await (const event of readServerSentEvents(response.body)) {
          last = event.id ?? last;
          yield event;
        }
      } catch (error) {
        if (terminal.signal.aborted) return;
        if (!hasAnswered || (isCodedError(error) && error.code !== 'ServerUnreachable')) throw error;
      }
      if (!isLost) onGap('lost');
      isLost = true;
      await wait(pause, undefined, { signal: terminal.signal }).catch(() => undefined);
      pause = Math.min(pause * 2, 5000);
    }
  }

  return {
    url: address.api,
    inference: address.inference,
    get: (path, signal) => answer(path, { signal }),
    remove: (path) => answer(path, { method: 'DELETE' }),
    async stream(path, init) {
      const response = await request(path, { ...init, signal: terminal.signal });
      if (!response.ok) throw errorOf(await response.text(), response.status, urlOf(path));
      return response;
    },
    post: (path, body) =>
      answer(path, {
        method: 'POST',
        body: JSON.stringify(body ?? {}),
        headers: { 'content-type': 'application/json' },
      }),
    follow,
  };
}
