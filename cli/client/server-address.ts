import { usageError } from '../errors.ts';

/**
 * The base URL that somebody means by an address, as `127.0.0.1:8080` or `https://models.example/`; `where` says where it was given.
 * Without a scheme it is http.
 */
export function serverAddress(given: string, where: string): string {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`;
  const hint = 'Give one such as 127.0.0.1:8080 or https://models.example.';
  if (!URL.canParse(whole)) throw usageError(`${where} is no address: '${given}'`, hint);
  const { protocol } = new URL(whole);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw usageError(`${where} is neither http nor https: '${given}'`, hint);
  return whole.replace(/\/+$/, '');
}
