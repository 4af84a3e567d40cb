/** What can go wrong when somebody speaks to alerting. */
import { SwitchyardError } from '../../core/plugin.ts';

export const alertUnknown = (id: string) =>
  new SwitchyardError('AlertUnknown', `no alert ${id} fires`, {
    where: id,
    status: 404,
    hint: 'List those that fire with: switchyard alerts.',
  });

export const alertAmbiguous = (id: string, ids: readonly string[]) =>
  new SwitchyardError('AlertAmbiguous', `${id} may mean ${ids.length} alerts`, {
    where: id,
    status: 409,
    hint: `Write more of it: ${ids.slice(0, 5).join(', ')}.`,
  });

export const silenceUnknown = (id: string) =>
  new SwitchyardError('SilenceUnknown', `there is no silence ${id}`, {
    where: id,
    status: 404,
    hint: 'List them with: switchyard silence list.',
  });

export const receiverUnknown = (name: string, names: readonly string[]) =>
  new SwitchyardError('ReceiverUnknown', `no AlertRoute has a receiver ${name}`, {
    where: name,
    status: 404,
    hint: names.length === 0 ? 'Add an AlertRoute: see docs/alerts.md.' : `There are: ${names.join(', ')}.`,
  });

export const receiverAmbiguous = (name: string, names: readonly string[]) =>
  new SwitchyardError('ReceiverAmbiguous', `several AlertRoutes have a receiver ${name}`, {
    where: name,
    status: 409,
    hint: `Write one of: ${names.join(', ')}.`,
  });

/** It was taken out of its route while something was on its way to it. */
export const receiverMissing = (where: string) =>
  new SwitchyardError('ReceiverMissing', 'the receiver is no longer in its AlertRoute', {
    where,
    status: 404,
    hint: 'What was on its way to it is dropped.',
  });

export const receiverSilent = (name: string) =>
  new SwitchyardError('ReceiverSilent', `the receiver ${name} tells nobody`, {
    where: name,
    status: 409,
    hint: 'Give it a notifier in its AlertRoute: webhook, slack, email, pagerduty, alertmanager or github-issue.',
  });

export const secretNotGiven = (name: string) =>
  new SwitchyardError('ReceiverSecretMissing', `the receiver ${name} needs a secret and names none`, {
    where: name,
    status: 400,
    hint: 'Add a secretRef to it.',
  });

export const alertCommandInvalid = (where: string, problem: string) =>
  new SwitchyardError('AlertCommandInvalid', problem, {
    where,
    status: 400,
    hint: 'Correct the request; nothing was changed.',
  });

export const invalidAlertingSetting = (setting: string, reason: string) =>
  new SwitchyardError('InvalidAlertingSetting', `${setting} ${reason}`, {
    where: setting,
    hint: "See the plugin's README for the settings and their values.",
  });

export const operatorSecretMissing = (variable: string) =>
  new SwitchyardError('OperatorSecretMissing', `the environment variable ${variable} is not set`, {
    where: 'plugins.alerting.always',
    hint: 'Set it for the process of the platform, and start that anew.',
  });
