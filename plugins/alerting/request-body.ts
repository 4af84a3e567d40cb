import { alertCommandInvalid } from './errors.ts';

type Body = Readonly<Record<string, unknown>>;

const largest = 16_384;

/** The JSON object of a request, with no other fields than these. Throws `AlertCommandInvalid`. */
export async function requestBody(request: Request, fields: readonly string[]): Promise<Body> {
  const text = await request.text();
  if (text.length > largest) throw alertCommandInvalid('body', `the body is larger than ${largest} bytes`);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw alertCommandInvalid('body', 'the body is not JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw alertCommandInvalid('body', 'the body is not a JSON object');
  }
  for (const name of Object.keys(body)) {
    if (fields.includes(name)) continue;
    throw alertCommandInvalid(`body ${name}`, `there is no field "${name}" here: ${fields.join(', ')} are`);
  }
  return body as Body;
}

/** A field that is one line of text. */
export function textIn(body: Body, field: string, longest: number): string {
  const text = body[field];
  if (typeof text === 'string' && text.trim() !== '' && text.length <= longest && !/\p{Cc}/u.test(text)) {
    return text.trim();
  }
  const what = field === 'by' ? 'the name of who says this' : 'why: whoever comes after wants to know';
  throw alertCommandInvalid(
    `body ${field}`,
    `${field} needs ${what}, in one line of at most ${longest} characters`,
  );
}
