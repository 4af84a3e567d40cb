import { runningPlatforms } from '../../server/run-file.ts';
import { findRegistry } from '../registry-folder.ts';
import type { Terminal } from '../terminal.ts';
import { severalPlatforms } from './errors.ts';
import { serverAddress } from './server-address.ts';

export interface PlatformAddress {
  /** Base URL of the status API. */
  readonly api: string;
  /** Base URL of inference, where it is known without asking. */
  readonly inference: string | undefined;
  /** How the address was found, for an error. */
  readonly how: string;
}

const usualAddress = 'http://127.0.0.1:8081';

/**
 * The platform that a command means: the one named by --api or SWITCHYARD_API, else the one that runs this folder's
 * registry on this machine, else the only one that runs here, else the usual address.
 */
export async function findPlatform(named: string | undefined, terminal: Terminal): Promise<PlatformAddress> {
  const running = await runningPlatforms(terminal.environment);
  const inferenceOf = (api: string) => running.find((run) => run.api === api)?.inference;
  const variable = terminal.environment.SWITCHYARD_API;
  if (named || variable) {
    const how = named ? 'the address given by --api' : 'the address in SWITCHYARD_API';
    const api = serverAddress(named || variable || '', how);
    return { api, inference: inferenceOf(api), how };
  }
  const registry = await findRegistry(terminal.folder);
  const ofFolder = running.filter((run) => run.repository === registry);
  const candidates = ofFolder.length > 0 ? ofFolder : running;
  if (candidates.length > 1) throw severalPlatforms(candidates.map((run) => run.api));
  const [only] = candidates;
  if (only)
    return {
      api: only.api,
      inference: only.inference,
      how: `the platform that runs from ${only.dataFolder}`,
    };
  return {
    api: usualAddress,
    inference: undefined,
    how: 'the usual address: no platform runs on this machine',
  };
}
