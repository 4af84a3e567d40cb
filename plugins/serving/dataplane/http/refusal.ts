/** Answers to what is no request of HTTP, or none yet. Nobody has read it but HTTP; the connection is closed behind them. */
import type { InferenceError } from '../errors.ts';
import type { Answer } from './exchange.ts';

export function refusal(error: InferenceError): Answer {
  const { status, message, code, hint } = error;
  const text = JSON.stringify({ error: message, code, hint });
  return {
    status,
    headers: ['content-type', 'application/json'],
    text,
    textLength: Buffer.byteLength(text),
  };
}
