import { messageOf, SwitchyardError } from '../../core/plugin.ts';

/** The operator's settings for this plugin do not make sense. */
export function invalidPreviewSetting(setting: string, reason: string): SwitchyardError {
  return new SwitchyardError('InvalidPreviewSetting', `${setting} ${reason}`, {
    where: `previews.${setting}`,
    hint: 'See plugins/previews/README.md for the settings and their values.',
  });
}

/** A closed or merged proposal has no preview. */
export function proposalNotOpen(number: number, state: string): SwitchyardError {
  return new SwitchyardError('ProposalNotOpen', `proposal ${number} is ${state}: there is nothing to try`, {
    where: `proposal ${number}`,
    status: 404,
    hint: 'What was merged answers in its environments.',
  });
}

/** The proposal brings no version that could be tried. */
export function nothingToPreview(number: number, models: readonly string[]): SwitchyardError {
  const message =
    models.length === 0
      ? `proposal ${number} changes no version that could be tried`
      : `proposal ${number} changes no version under that name`;
  return new SwitchyardError('NothingToPreview', message, {
    where: `proposal ${number}`,
    status: 404,
    hint:
      models.length === 0
        ? 'Previews are for new versions and for deployments that move.'
        : `There is: ${models.join(', ')}.`,
  });
}

/** What the merge would bring is not valid, so there is nothing to load. */
export function proposalInvalid(number: number, issue: string): SwitchyardError {
  return new SwitchyardError('ProposalInvalid', `proposal ${number} is not valid: ${issue}`, {
    where: `proposal ${number}`,
    status: 409,
    hint: 'Correct the manifest in the proposal; `switchyard check` finds all that is wrong.',
  });
}

/** It is being loaded. */
export function previewLoading(number: number): SwitchyardError & { readonly retryAfterMs: number } {
  const error = new SwitchyardError('PreviewLoading', `the preview of proposal ${number} is being loaded`, {
    where: `proposal ${number}`,
    status: 503,
    hint: 'Ask again after the time that Retry-After says.',
  });
  return Object.assign(error, { retryAfterMs: 1_000 });
}

/** Nobody asked for it yet; reading does not start processes. */
export function previewNotLoaded(number: number): SwitchyardError & { readonly retryAfterMs: number } {
  const error = new SwitchyardError('PreviewNotLoaded', `the preview of proposal ${number} is not loaded`, {
    where: `proposal ${number}`,
    status: 503,
    hint: `Load it: POST /proposals/${number}/preview, or ask it for a prediction.`,
  });
  return Object.assign(error, { retryAfterMs: 5_000 });
}

/** It could not be loaded. */
export function previewFailed(
  number: number,
  cause: unknown,
): SwitchyardError & { readonly retryAfterMs: number } {
  const message = `the preview of proposal ${number} could not be loaded: ${messageOf(cause)}`;
  const error = new SwitchyardError('PreviewFailed', message, {
    where: `proposal ${number}`,
    status: 503,
    hint: 'It is tried again when somebody asks after the time that Retry-After says.',
    cause,
  });
  return Object.assign(error, { retryAfterMs: 30_000 });
}

/** All that this machine allows are in use. */
export function tooManyPreviews(most: number): SwitchyardError & { readonly retryAfterMs: number } {
  const error = new SwitchyardError(
    'TooManyPreviews',
    `${most} previews are in use, and no more may be loaded`,
    {
      status: 503,
      hint: 'Try again when one is released: DELETE /proposals/<n>/preview, or when it has been idle.',
    },
  );
  return Object.assign(error, { retryAfterMs: 30_000 });
}

/** An artifact that a stranger's proposal names elsewhere is not fetched for them. */
export function artifactOfAFork(number: number, where: string): SwitchyardError {
  const message = `proposal ${number} comes out of another repository and names an artifact that lies elsewhere`;
  return new SwitchyardError('ForkArtifactRefused', message, {
    where,
    status: 409,
    hint: 'Try it once the artifact is in the repository, or propose it from a branch of this one.',
  });
}
