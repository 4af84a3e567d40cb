import { lookup as resolve } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { messageOf, SwitchyardError } from '../../core/plugin.ts';
import { classOf, settingThatForbids } from './address.ts';
import { artifactRefused, artifactUnreachable } from './errors.ts';
import type { ArtifactSettings } from './settings.ts';

export interface HttpRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpTimes {
  /** The caller's. */
  readonly signal: AbortSignal;
  /** The caller's, or the end of the time that all of it may take. */
  readonly deadline: AbortSignal;
}

/**
 * Asks and resolves with the answer, whatever it says, its body still to be read.
 *
 * Every address is judged when the connection is made, not before, so that a name which resolves differently the second
 * time leads nowhere. Node's own `fetch` has no place for that, hence `node:http`.
 */
export function ask(
  url: URL,
  { method = 'GET', headers, body }: HttpRequest,
  settings: ArtifactSettings,
  { signal, deadline }: HttpTimes,
): Promise<IncomingMessage> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(hostname) !== 0) checkAddress(hostname, url, settings);
  return new Promise((settle, reject) => {
    const fail = (error: unknown) => {
      clearTimeout(timer);
      reject(signal.aborted ? signal.reason : unreachable(shown(url), error));
    };
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method,
      headers: {
        accept: '*/*',
        // The size and the digest are of the bytes as they are.
        'accept-encoding': 'identity',
        'user-agent': 'switchyard',
        ...headers,
      },
      // A connection of its own: nothing is left open when the artifact has been read.
      agent: false,
      signal: deadline,
      lookup: guardedLookup(url, settings),
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${settings.connectTimeoutMs} ms`)),
      settings.connectTimeoutMs,
    );
    request.once('error', fail);
    request.once('response', (answer) => {
      clearTimeout(timer);
      settle(answer);
    });
    request.end(body);
  });
}

/** Resolves a name and refuses it when any of its addresses is not allowed. */
function guardedLookup(url: URL, settings: ArtifactSettings): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '');
      try {
        for (const { address } of addresses) checkAddress(address, url, settings);
      } catch (refused) {
        return callback(refused as Error, '');
      }
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      callback(null, first?.address ?? '', first?.family);
    });
  };
}

function checkAddress(address: string, url: URL, settings: ArtifactSettings): void {
  const setting = settingThatForbids(address, settings);
  if (setting === undefined) return;
  throw artifactRefused(
    shown(url),
    `its host has the ${classOf(address)} address ${address}`,
    setting === null
      ? 'Name a host that can be reached.'
      : `If this machine may read artifacts from there, its operator sets artifacts.${setting} to true.`,
  );
}

export function isLoopback(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? address === 'localhost' : classOf(address) === 'loopback';
}

/** From what the system says where a connection fails. */
export function unreachable(where: string, error: unknown): SwitchyardError {
  if (error instanceof SwitchyardError) return error;
  const code = (error as { code?: unknown }).code;
  const message = messageOf(error) || 'the connection failed';
  return artifactUnreachable(where, typeof code === 'string' ? `${message} (${code})` : message, error);
}

/** A URL for messages: its query may be a signature. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
