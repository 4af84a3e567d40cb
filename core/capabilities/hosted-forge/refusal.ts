import { forgeRefused } from '../forge-errors.ts';

/** What a host answers with a status that its caller may expect: there is none, it is there already, … */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** `POST https://git.example.com/api/v1/repos/acme/registry/pulls` */
  readonly where: string;

  constructor(status: number, message: string, where: string) {
    super(message.slice(0, 300));
    this.status = status;
    this.where = where;
  }
}

/** An answer, or a refusal with one of those statuses. Any other refusal is thrown as `ForgeRefused`. */
export async function refusable<T>(
  page: string,
  asking: Promise<T>,
  ...expected: readonly number[]
): Promise<T | Refusal> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (expected.includes(error.status)) return error;
    throw refused(page, error);
  }
}

/** `page`: the one of the documentation that says what the credentials must be allowed. */
export function refused(page: string, { status, message, where }: Refusal): Error {
  return forgeRefused(where, `${message} (${status})`, hintFor(status, page));
}

function hintFor(status: number, page: string): string {
  switch (status) {
    case 401:
      return 'The token is not valid (any more): give the operator’s settings a new one.';
    case 403:
      return `The token lacks a permission: ${page} lists them.`;
    case 404:
      return 'The repository is not there, or the token may not see it.';
    default:
      return `See ${page}.`;
  }
}
