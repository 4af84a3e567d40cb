/** Why a version is not served. Its owner is told, not its clients. */
import { messageOf, SwitchyardError } from '../../../../core/plugin.ts';

export function artifactUnreadable(path: string, cause: unknown): SwitchyardError {
  const message = messageOf(cause);
  return new SwitchyardError('ArtifactUnreadable', `the artifact cannot be read: ${message}`, {
    where: path,
    cause,
  });
}

export function digestMismatch(path: string, expected: string, actual: string): SwitchyardError {
  return new SwitchyardError('DigestMismatch', `the artifact has the digest ${actual}, not ${expected}`, {
    where: path,
    hint: 'The file was cut short or changed. Remove it from the cache, so that it is fetched anew.',
  });
}

export function invalidModel(message: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError('InvalidModel', `the artifact is not a model that can be served: ${message}`, {
    cause,
  });
}

/** What to do is part of the message, which is all that conditions and clients see. `there` are the providers of this machine. */
export function providerUnavailable(
  provider: string,
  message: string,
  there: readonly string[],
  cause?: unknown,
): SwitchyardError {
  const others = there.filter((name) => name !== provider).join(', ');
  return new SwitchyardError(
    'ProviderUnavailable',
    `this machine cannot run models with the execution provider "${provider}": ${message}. Install what it needs (a driver, a library), or choose another in runtime.provider of the version or of its deployment: ${others}`,
    { cause },
  );
}

export function externalDataRefused(tensor: string): SwitchyardError {
  return new SwitchyardError('ExternalData', `tensor "${tensor}" keeps its data in another file`, {
    hint: 'An artifact is one file. Save the model with its weights inside.',
  });
}

export function signatureMismatch(differences: readonly string[]): SwitchyardError {
  return new SwitchyardError(
    'SignatureMismatch',
    `the model differs from the signature in its manifest: ${differences.join('; ')}`,
  );
}

export function warmupFailed(message: string): SwitchyardError {
  return new SwitchyardError('WarmupFailed', `the model failed on its first run: ${message}`, {
    hint: 'If it needs inputs of a certain size or range, add a golden example to the version.',
  });
}

export function loadTimedOut(milliseconds: number): SwitchyardError {
  return new SwitchyardError('LoadTimedOut', `the model was not loaded and tried within ${milliseconds} ms`, {
    hint: 'A model that loops for long on made-up inputs may need a golden example.',
  });
}

/** `how`: the signal or the status that its process ended with. */
export function trialCrashed(how: string): SwitchyardError {
  return crashed(`the version ended the process that tried it: ${how}`);
}

/** Whatever it is that answers there, it is no longer our program alone. */
export function trialTalkedNonsense(): SwitchyardError {
  return crashed('the process that tried the version answered with what is no message');
}

function crashed(message: string): SwitchyardError {
  return new SwitchyardError('TrialCrashed', message, {
    hint: 'Native code failed on the artifact. Go back to the version before, and try this one apart.',
  });
}

export function loadEndedProcess(processes: number): SwitchyardError {
  return new SwitchyardError(
    'LoadEndedProcess',
    `the version was put off: ${processes} processes in a row ended while they loaded it`,
    { hint: 'Native code failed on the artifact. Go back to the version before, and try this one apart.' },
  );
}

export function exampleFailed(example: string, message: string): SwitchyardError {
  return new SwitchyardError('ExampleFailed', `example "${example}": ${message}`);
}

export function exampleMismatch(example: string, message: string): SwitchyardError {
  return new SwitchyardError('ExampleMismatch', `example "${example}": ${message}`);
}
