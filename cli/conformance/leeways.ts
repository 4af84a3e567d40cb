/**
 * Where the specification leaves room, so that no server fails for the way it goes. A report says so of each case that is
 * allowed; docs/conformance.md tells the same.
 */
import { sources } from './sources.ts';

export interface Leeway {
  /** Its texts differ or can be read in two ways; it permits other ways; or it does not say. */
  readonly room: 'ambiguous' | 'permitted' | 'unsaid';
  /** What is ambiguous, or permits it, or is not said. */
  readonly reason: string;
  /** Where that is written, where it is not where the case is. */
  readonly source?: string;
}

export const leeways = {
  probeBodies: ambiguous(
    'the text names the field "live" in the answer about readiness, too; its OpenAPI file has no body; and probes look at the status alone',
  ),
  nameOfReadyModel: ambiguous(
    'the text has a "name" in this body and speaks of "the available model name(s)"; its OpenAPI file has no body',
  ),
  unknownReadiness: unsaid('no status is named for a model that is not there, or not ready'),
  platforms: ambiguous(
    'the text lists the names that are "allowed", and says that the name is "information only"; servers use others',
  ),
  modelNames: ambiguous(
    '"model_name" is "the name of the model used for inference", and a model may be asked for by another name',
  ),
  noVersions: permitted('versions are optional'),
  madeUpIds: ambiguous(
    '"id" is not marked as optional in the answer, and is the one "given in the request, if any"',
  ),
  orderOfOutputs: unsaid('nothing is written of the order of outputs'),
  statuses: permitted('an error has "an HTTP error status (typically 400)"'),
  errorsOfHttp: ambiguous(
    'the body with "error" is that of an inference that failed, and what HTTP refuses did not get so far',
  ),
  coercion: permitted(
    '"The server can decide to coerce each element to the required type or return an error"',
    sources.data,
  ),
  otherDatatypes: ambiguous(
    'elements may be coerced to "the required type"; whether "datatype" may be another than that of the metadata is not said',
    sources.data,
  ),
  inputsTwice: unsaid('nothing is written of an input that is given twice'),
  refusalsOfHttp: unsaid(
    'the protocol has no status for what is HTTP’s to refuse: paths, methods, media types, codings, sizes',
  ),
  nonFiniteNumbers: unsaid('JSON has no form for NaN and infinities, and the text names none', sources.data),
  halfFloatsInJson: ambiguous('FP16 and BF16 are "problematic to communicate explicitly"'),
  contentOfBytes: unsaid('nothing is written of what BYTES may hold'),
  bytesLeft: unsaid('nothing is written of a body that is longer than its tensors'),
  lengths: unsaid('nothing is written of a length of JSON that is not that of the JSON'),
  rawForm: ambiguous(
    'Triton’s text of the extension has this form, and KServe’s text of the same extension does not',
    sources.binaryOfKServe,
  ),
  noContentType: permitted('an answer may be without a Content-Type', `${sources.http}#section-8.3`),
  mediaTypes: permitted(
    'a server may look what a body is, whatever it is called',
    `${sources.http}#section-8.3`,
  ),
  contentCodings: permitted(
    'a server "MAY respond with a status code of 415" to a coding that it does not know',
    `${sources.http}#section-8.4`,
  ),
  closedConnections: permitted(
    'a server "MAY close the transport connection at any time"; clients then open another',
    `${sources.connections}#section-9.5`,
  ),
  bodyLimits: permitted(
    'a server has the limit that it likes, or none, and may close the connection',
    `${sources.http}#section-15.5.14`,
  ),
  schedule: permitted('no server must know these parameters, which are an extension'),
  clocks: unsaid('nothing is written of when a server looks at its clock, and of the status that it answers'),
  noRetryAfter: permitted('429 "MAY include a Retry-After header"', sources.tooManyRequests),
  grpcCodes: unsaid(
    '"The OK code indicates success and other codes indicate failure", of which none is named',
  ),
  unknownModelReady: unsaid(
    'nothing is written of whether a model that is not there is not ready, or an error',
  ),
  grpcMessages: permitted('the message of a status may be absent', sources.statusOfGrpc),
  grpcDeadlines: unsaid(
    'a client keeps its deadline by itself; nothing is written of what a server answers to it',
  ),
  grpcHealth: permitted('no server must have the health protocol, which is one of its own'),
  grpcRawBytes: unsaid(
    'nothing is written of how BYTES are raw; the field writes each behind its length, as over REST',
  ),
} as const satisfies Readonly<Record<string, Leeway>>;

function ambiguous(reason: string, source?: string): Leeway {
  return leeway('ambiguous', reason, source);
}

function permitted(reason: string, source?: string): Leeway {
  return leeway('permitted', reason, source);
}

function unsaid(reason: string, source?: string): Leeway {
  return leeway('unsaid', reason, source);
}

function leeway(room: Leeway['room'], reason: string, source: string | undefined): Leeway {
  return { room, reason, ...(source === undefined ? {} : { source }) };
}
