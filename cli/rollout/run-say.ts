import { connect } from '../client/api.ts';
import { sayOtherRegistry } from '../client/other-registry.ts';
import type { SayOptions } from '../commands/rollout.ts';
import { exitCodes } from '../exit-codes.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { userName } from '../user-name.ts';
import { deploymentMeant } from './deployment-meant.ts';

/** Says one verb to a rollout, with who and why. */
export async function runSay(
  verb: string,
  name: string,
  options: SayOptions,
  terminal: Terminal,
): Promise<number> {
  const api = await connect(options, terminal);
  const { metadata } = await deploymentMeant(api, name, options);
  await sayOtherRegistry(api, terminal);
  const place = `${metadata.environment}/${metadata.name}`;
  const { message } = await api.post<{ message: string }>(`/plugins/rollout/deployments/${place}/${verb}`, {
    by: await userName(terminal),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(options.full === true ? { full: true } : {}),
    ...(options.version === undefined ? {} : { version: options.version }),
  });
  terminal.out(`${place}: ${oneLine(message)}\n`);
  return exitCodes.success;
}
