/** Whom the operator of this machine has told of what must be told, whatever manifests say: the block `alerting` of their configuration. */
import type { AlertRouteSpec } from '../../schemas/generated/alert-route.ts';
import { invalidAlertingSetting } from './errors.ts';
import { compileRoute, type Receiver, type Route } from './routing/route.ts';

/** No manifest has this kind: it can be neither replaced nor removed by one. */
export const operatorRef = 'Operator/always';

type Block = Readonly<Record<string, unknown>>;

/** The route of the setting `always`, if it is there. Throws `InvalidAlertingSetting`; never shows a secret. */
export function operatorRoute(block: Block): Route | undefined {
  for (const name of Object.keys(block)) {
    if (name !== 'always')
      throw invalidAlertingSetting(`plugins.alerting.${name}`, 'is not a setting: always is');
  }
  if (block.always === undefined) return undefined;
  const at = 'plugins.alerting.always';
  if (!Array.isArray(block.always) || block.always.length === 0) {
    throw invalidAlertingSetting(at, 'must be a list of receivers: [{ webhook: { url } }]');
  }
  const receivers = block.always.map((one, index) => receiverIn(one, index, `${at}[${index}]`));
  const [first] = receivers;
  const spec = { receiver: first?.name, groupBy: ['...'], groupWait: '0s' } as unknown as AlertRouteSpec;
  const route = compileRoute(operatorRef, { ...spec, receivers: [] });
  const steps = receivers.map(({ name }) => ({
    ...route.root,
    key: `${route.root.key}-${name}`,
    levels: [{ afterMs: 0, receiver: name }],
    goesOn: true,
  }));
  return {
    ...route,
    children: steps,
    receivers: new Map(receivers.map((receiver) => [receiver.name, receiver])),
    isForMandatory: true,
  };
}

function receiverIn(value: unknown, index: number, at: string): Receiver {
  const entries = isBlock(value) ? Object.entries(value) : [];
  const [[notifier, settings] = []] = entries;
  if (notifier === undefined || entries.length !== 1 || !isBlock(settings)) {
    throw invalidAlertingSetting(at, 'must name one notifier with its settings: { webhook: { url } }');
  }
  const { secretVariable, ...rest } = settings;
  if ('secretRef' in rest) {
    throw invalidAlertingSetting(
      `${at}.${notifier}.secretRef`,
      'is for manifests: name a secretVariable of the environment',
    );
  }
  if (
    secretVariable !== undefined &&
    !(typeof secretVariable === 'string' && /^[A-Za-z_]\w*$/.test(secretVariable))
  ) {
    throw invalidAlertingSetting(
      `${at}.${notifier}.secretVariable`,
      'must be the name of an environment variable',
    );
  }
  return {
    name: `${notifier}-${index + 1}`,
    notifier,
    settings: rest,
    // Read from the environment: see `setup.ts`.
    ...(secretVariable === undefined ? {} : { secretRef: { name: 'environment', key: secretVariable } }),
  };
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
