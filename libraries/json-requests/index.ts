/** What handlers of Web requests read of them, and refuse alike. */

export interface ReadFieldsOptions {
  /** Makes the error that is thrown. `where` is `body`, or `body reason` of a field. */
  readonly refuse: (where: string, problem: string) => Error;
  /** Characters of a body. Whoever serves the request bounds its bytes before. */
  readonly longest?: number;
}

/** The JSON object of a request, with no other fields than these. */
export async function readFields(
  request: Request,
  fields: readonly string[],
  { refuse, longest = Number.POSITIVE_INFINITY }: ReadFieldsOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const text = await request.text();
  if (text.length > longest) throw refuse('body', `the body is larger than ${longest} bytes`);
  let body: unknown;
  try {
    body = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw refuse('body', 'the body is not JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw refuse('body', 'the body is not a JSON object');
  for (const name of Object.keys(body)) {
    if (fields.includes(name)) continue;
    throw refuse(`body ${name}`, `there is no field "${name}" here: ${fields.join(', ')} are`);
  }
  return body as Record<string, unknown>;
}

/** Whether it is a text that says something, in one line of at most so many characters. */
export function isLine(text: unknown, longest: number): text is string {
  return typeof text === 'string' && text.trim() !== '' && text.length <= longest && !/\p{Cc}/u.test(text);
}

export class MethodNotAllowedError extends Error {
  override readonly name = 'MethodNotAllowedError';
  readonly code = 'MethodNotAllowed';
  readonly status = 405;
  readonly where = 'method';
  readonly hint: string;

  constructor(method: string, allowed: string) {
    super(`${method} is not allowed here`);
    this.hint = `Use ${allowed}.`;
  }
}

/** `allowed` in words: `GET or POST`. */
export function methodNotAllowed(method: string, allowed: string): MethodNotAllowedError {
  return new MethodNotAllowedError(method, allowed);
}
