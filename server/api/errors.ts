import { messageOf, SwitchyardError } from '../../core/plugin.ts';
import { didYouMean } from '../../libraries/did-you-mean/index.ts';

export function noSuchRoute(path: string): SwitchyardError {
  return new SwitchyardError('NoSuchRoute', `there is nothing at ${path}`, {
    status: 404,
    hint: 'See /docs for what there is.',
  });
}

export function methodNotAllowed(method: string, path: string, allowed: readonly string[]): SwitchyardError {
  return new SwitchyardError('MethodNotAllowed', `${path} does not answer ${method}`, {
    status: 405,
    hint: `It answers ${allowed.join(', ')}.`,
  });
}

export function unknownParameter(name: string, known: readonly string[]): SwitchyardError {
  return new SwitchyardError('UnknownParameter', `there is no parameter ${JSON.stringify(name)} here`, {
    status: 400,
    where: `query ${name}`,
    hint: didYouMean(name, known) ?? 'This route takes none.',
  });
}

export function invalidParameter(where: string, problem: string, hint?: string): SwitchyardError {
  return new SwitchyardError('InvalidParameter', `${where.replace(/^(query|path) /, '')} ${problem}`, {
    status: 400,
    where,
    hint,
  });
}

export function invalidBody(where: string, problem: string, hint?: string): SwitchyardError {
  return new SwitchyardError('InvalidBody', `the body is not valid: ${problem}`, {
    status: 400,
    where,
    hint,
  });
}

export function bodyTooLarge(limit: number): SwitchyardError {
  return new SwitchyardError('BodyTooLarge', `the body is larger than ${limit} bytes`, {
    status: 413,
    hint: 'Nothing that this API takes is that large.',
  });
}

/** Bytes that the body of a request may have. */
export const largestBody = 1024 * 1024;

export function tooManyDeliveries(retryAfterMs: number): SwitchyardError & { readonly retryAfterMs: number } {
  const error = new SwitchyardError('TooManyDeliveries', 'this sender delivers too often', {
    status: 429,
    hint: 'Send it again after the time that Retry-After says; nothing is lost, the forge is looked at anyway.',
  });
  return Object.assign(error, { retryAfterMs });
}

export function unsupportedMediaType(given: string | null): SwitchyardError {
  return new SwitchyardError(
    'UnsupportedMediaType',
    given === null
      ? 'a body whose type is not said is not taken here'
      : `a body of type ${given} is not taken here`,
    {
      status: 415,
      hint: 'Send JSON with the header Content-Type: application/json, or no body.',
    },
  );
}

/** A web page may send a POST without a type to any address; with one, the browser asks first. */
export function contentTypeMissing(): SwitchyardError {
  return new SwitchyardError('UnsupportedMediaType', 'a POST must say a content type here', {
    status: 415,
    hint: 'Send the header Content-Type: application/json, without a body too: no web page can send it unasked.',
  });
}

export function foreignHost(host: string): SwitchyardError {
  return new SwitchyardError(
    'ForeignHost',
    `this server does not answer for the host ${JSON.stringify(host)}`,
    {
      status: 403,
      hint: 'Reach it by its address, or send the API token: names could be made to point here by a web page.',
    },
  );
}

export function foreignOrigin(origin: string): SwitchyardError {
  return new SwitchyardError(
    'ForeignOrigin',
    `a page of ${JSON.stringify(origin)} may not change anything here`,
    {
      status: 403,
      hint: 'Call from a program, or from a page of this server.',
    },
  );
}

export function unauthorized(problem: string): SwitchyardError {
  return new SwitchyardError('Unauthorized', problem, {
    status: 401,
    hint: 'Send the header Authorization: Bearer <token>, with the token of SWITCHYARD_API_TOKEN.',
  });
}

export function mutationsNeedToken(host: string): SwitchyardError {
  return new SwitchyardError('MutationsNeedToken', `this server listens on ${host} and has no token`, {
    status: 403,
    hint: 'Set SWITCHYARD_API_TOKEN where it is started, or let it listen on 127.0.0.1.',
  });
}

export function unknownKind(word: string, known: readonly string[]): SwitchyardError {
  return new SwitchyardError('UnknownKind', `there is no kind ${JSON.stringify(word)}`, {
    status: 404,
    hint: didYouMean(word, known) ?? 'No plugin brings a kind yet.',
  });
}

export function snapshotNotFound(commit: string): SwitchyardError {
  return new SwitchyardError('SnapshotNotFound', `no snapshot of commit ${commit} is recorded`, {
    status: 404,
    hint: 'See /api/v1/snapshots. A commit that was passed over by a newer one is never read.',
  });
}

export function planNotFound(to: string): SwitchyardError {
  return new SwitchyardError('PlanNotFound', `no plan to commit ${to} is recorded`, {
    status: 404,
    hint: 'See /api/v1/plans. `switchyard plan --from REF --to REF` makes one of any two commits.',
  });
}

export function assetMissing(name: string): SwitchyardError {
  return new SwitchyardError('AssetMissing', `the file ${name} of the reference page is not there`, {
    status: 404,
    hint: 'Build the project: npm run build.',
  });
}

/** What happened inside is for the log; it may hold what an answer must not. */
export function internalError(): SwitchyardError {
  return new SwitchyardError('InternalError', 'something went wrong inside', {
    hint: 'The log of the control process says what.',
  });
}

export function cannotListen(host: string, port: number, cause: unknown): SwitchyardError {
  const code = (cause as { code?: unknown } | undefined)?.code;
  const [name, hint] =
    code === 'EADDRINUSE'
      ? (['PortInUse', 'End what listens there, or choose another port with --api-port.'] as const)
      : (['CannotListen', 'Choose an address of this machine and a port above 1023.'] as const);
  return new SwitchyardError(name, `the status API cannot listen: ${messageOf(cause)}`, {
    where: `${host}:${port}`,
    hint,
    cause,
  });
}

export const apiTokenMissing = () =>
  new SwitchyardError(
    'ApiTokenMissing',
    'reading needs a token (api.requireTokenForReads), and there is none',
    {
      hint: 'Set SWITCHYARD_API_TOKEN in the environment of `switchyard up`.',
    },
  );
