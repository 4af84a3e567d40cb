import { createHash } from 'node:crypto';

/** A JSON answer with a tag of its content: who has it already is told so, without the content. */
export function answerJson(request: Request, value: unknown, status = 200): Response {
  const text = JSON.stringify(value);
  const tag = `"${createHash('sha1').update(text).digest('base64url')}"`;
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache', etag: tag };
  if (status === 200 && hasTag(request, tag)) return new Response(null, { status: 304, headers });
  return new Response(text, { status, headers });
}

function hasTag(request: Request, tag: string): boolean {
  const known = request.headers.get('if-none-match');
  if (known === null) return false;
  return known.split(',').some((each) => each.trim().replace(/^W\//, '') === tag || each.trim() === '*');
}
