/** What is wrong with a delivery of a webhook, and with the settings of a forge. */
import { SwitchyardError } from '../../plugin.ts';

/** Says as little as can be: who guesses learns nothing. */
export function deliveryRefused(): SwitchyardError {
  return new SwitchyardError(
    'DeliveryRefused',
    'the delivery is not signed with the secret of this webhook',
    {
      status: 401,
      hint: 'Give the forge and the platform the same secret: see the page of the forge in docs/forges/.',
    },
  );
}

/** It came before, or tells of what is long past. */
export function deliveryRepeated(reason: string): SwitchyardError {
  return new SwitchyardError('DeliveryRepeated', `the delivery is not taken: ${reason}`, {
    status: 409,
    hint: 'Nothing is lost: the forge is looked at anyway.',
  });
}

/** It is signed, and it is not JSON. */
export function deliveryUnreadable(): SwitchyardError {
  return new SwitchyardError('DeliveryUnreadable', 'the delivery is not JSON', {
    status: 400,
    hint: 'Let the forge send JSON.',
  });
}

/** The operator's settings for a forge, or its options in platform.yaml, do not make sense. Never shows a value. */
export function invalidForgeSetting(where: string, reason: string): SwitchyardError {
  return new SwitchyardError('InvalidForgeSetting', `${where} ${reason}`, {
    where,
    hint: 'See the README of the plugin for its settings and their values.',
  });
}
