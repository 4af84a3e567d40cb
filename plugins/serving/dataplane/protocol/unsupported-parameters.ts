/**
 * Parameters that Triton's clients send to ask for what is not done here. An answer that ignored them would be taken for what was
 * asked for, so they are refused. All others that nobody knows are ignored, as the protocol has it.
 */
import { unsupportedParameter } from '../errors/request-errors.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** Those of a request. */
export const sequenceParameters = ['sequence_id', 'sequence_start', 'sequence_end'] as const;
/** Of an input, or of an output. */
export const sharedMemoryParameter = 'shared_memory_region';
/** Of an output. */
export const classificationParameter = 'classification';

/** The server would keep the state of a sequence. Throws `UnsupportedParameter`. */
export function refuseSequence(parameters: Parameters | undefined): void {
  if (parameters === undefined) return;
  for (const name of sequenceParameters)
    if (asks(parameters[name]))
      throw unsupportedParameter(
        'the request',
        name,
        'the server keeps no state between requests',
        "Send the model's state as an input of each request, and take the next one from its outputs.",
      );
}

/** `subject` is the tensor as the client knows it. Throws `UnsupportedParameter`. */
export function refuseSharedMemory(parameters: Parameters | undefined, subject: string): void {
  if (asks(parameters?.[sharedMemoryParameter]))
    throw unsupportedParameter(
      subject,
      sharedMemoryParameter,
      'the server shares no memory with its clients',
      'Send tensors in the request and take them from the answer: the binary form is the quick one.',
    );
}

/** Throws `UnsupportedParameter`. */
export function refuseClassification(parameters: Parameters | undefined, subject: string): void {
  if (asks(parameters?.[classificationParameter]))
    throw unsupportedParameter(
      subject,
      classificationParameter,
      'the server does not sort an output by its classes',
      'Ask for the output as it is, or for rows with their labels at …/predict.',
    );
}

/** Clients say by these that they ask for nothing. */
function asks(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}
