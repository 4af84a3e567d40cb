import { SwitchyardError } from '../../core/plugin.ts';

/** What the monitor is to watch is not in the registry. */
export const targetUnknown = (ref: string) =>
  new SwitchyardError('MonitorTargetUnknown', `there is no valid ${ref}, and no earlier one that was`, {
    where: ref,
    status: 409,
    hint: 'Run switchyard check: mend that manifest, or name another deployment in spec.target.',
  });

/** The reference of a monitor cannot be read. */
export const referenceUnusable = (where: string, reason: string, cause?: unknown) =>
  new SwitchyardError('ReferenceUnusable', `the reference cannot be used: ${reason}`, {
    where,
    status: 409,
    hint: 'Mend what spec.reference names, then: switchyard monitor run NAME.',
    cause,
  });

/** Nothing keeps predictions on this platform. */
export const noPredictionLog = () =>
  new SwitchyardError('PredictionLogMissing', 'no plugin of this platform keeps predictions', {
    where: 'platform.yaml',
    status: 409,
    hint: 'Name the plugin prediction-log in platform.yaml.',
  });

/** A check took too long, or more memory than it may. */
export const checkGivenUp = (reason: string) =>
  new SwitchyardError('CheckGivenUp', `the check was given up: ${reason}`, {
    status: 409,
    hint: 'Look at less: a shorter window, fewer columns.',
  });

/** No such monitor is applied. */
export const monitorNotFound = (name: string, names: readonly string[]) =>
  new SwitchyardError('MonitorNotFound', `there is no monitor ${name}`, {
    where: name,
    status: 404,
    hint:
      names.length === 0
        ? 'The registry has none; docs/kinds/monitor.md shows one.'
        : `There are ${names.slice(0, 10).join(', ')}.`,
  });

/** Another platform watches that environment. */
export const monitorElsewhere = (name: string, environment: string) =>
  new SwitchyardError(
    'MonitorElsewhere',
    `${name} watches ${environment}, which this platform does not run`,
    {
      where: name,
      status: 409,
      hint: 'Ask the platform that runs it.',
    },
  );
