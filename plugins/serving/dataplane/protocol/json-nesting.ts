import { invalidRequest } from '../errors/request-errors.ts';

const worthChecking = 64 * 1024;
const deepest = 32;
const most = 2_000_000;

/**
 * Refuses a JSON text that would take far more memory parsed than written: nested deeper than any tensor, or of
 * millions of small arrays. Throws `InvalidRequest`. Small texts can do no harm and are not looked at.
 */
export function checkJsonNesting(json: string): void {
  if (json.length < worthChecking) return;
  let depth = 0;
  let containers = 0;
  let inText = false;
  for (let index = 0; index < json.length; index++) {
    const byte = json.charCodeAt(index);
    if (inText) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) {
      inText = true;
    } else if (byte === 0x5b || byte === 0x7b) {
      containers++;
      if (++depth > deepest) throw invalidRequest(`the JSON is nested deeper than ${deepest} levels`);
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--;
    }
  }
  if (containers > most) {
    throw invalidRequest(
      `the JSON holds more than ${most} arrays`,
      'Send "data" flat, or with the binary extension.',
    );
  }
}
