import { isLine, readFields } from '../../libraries/json-requests/index.ts';
import { alertCommandInvalid } from './errors.ts';

type Body = Readonly<Record<string, unknown>>;

/** The JSON object of a request, with no other fields than these. Throws `AlertCommandInvalid`. */
export function requestBody(request: Request, fields: readonly string[]): Promise<Body> {
  return readFields(request, fields, { refuse: alertCommandInvalid, longest: 16_384 });
}

/** A field that is one line of text. */
export function textIn(body: Body, field: string, longest: number): string {
  const text = body[field];
  if (isLine(text, longest)) return text.trim();
  const what = field === 'by' ? 'the name of who says this' : 'why: whoever comes after wants to know';
  throw alertCommandInvalid(
    `body ${field}`,
    `${field} needs ${what}, in one line of at most ${longest} characters`,
  );
}
