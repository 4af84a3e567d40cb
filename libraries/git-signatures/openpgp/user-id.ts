/** What of Unicode has no look of its own, or changes the look of what is around it. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** `Name (comment) <address>`, or the address alone. */
const form = /^(?:[^<>]*<([^<>\s@]+@[^<>\s@]+)>|([^<>\s@]+@[^<>\s@]+))$/;

/** A user id as text fit for a log line. */
export function textOf(bytes: Buffer): string {
  return bytes.toString('utf8').replace(invisible, '\ufffd');
}

/**
 * The e-mail address in a user id, in lower case; undefined if there is not exactly one in its place. A user id that is
 * not UTF-8 has none.
 */
export function emailOf(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) return undefined;
  const match = form.exec(text);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}
