/** What can go wrong when somebody speaks to a rollout. */
import { type Ref, SwitchyardError } from '../../core/plugin.ts';

export const commandRefused = (verb: string, deployment: string, why: string) =>
  new SwitchyardError('RolloutCommandRefused', `${deployment} cannot ${verb}: ${why}`, {
    where: deployment,
    status: 409,
    hint: `Nothing was changed. See where it is with: switchyard rollout status ${deployment}.`,
  });

export const commandNotTaken = (ref: Ref) =>
  new SwitchyardError('RolloutCommandNotTaken', `${ref} did not take the command in time`, {
    where: ref,
    status: 503,
    hint: 'Nothing was changed. Is it suspended, or its manifest invalid? Look at its conditions and try again.',
  });

export const deploymentUnknown = (deployment: string) =>
  new SwitchyardError('DeploymentUnknown', `there is no deployment ${deployment} here`, {
    where: deployment,
    status: 404,
    hint: 'List them with: switchyard get deployments.',
  });

export const commandInvalid = (where: string, problem: string) =>
  new SwitchyardError('RolloutCommandInvalid', problem, {
    where,
    status: 400,
    hint: 'Correct the request; nothing was changed.',
  });

export const liftNotProposed = (path: string) =>
  new SwitchyardError('LiftNotProposed', 'the quarantine is not lifted: nothing here makes proposals', {
    where: path,
    status: 409,
    hint: 'Take spec.quarantine out of that file by hand, or name the plugins forge-git and proposals in platform.yaml.',
  });
