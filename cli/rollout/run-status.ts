import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../../core/errors.ts';
import { connect } from '../client/api.ts';
import { sayOtherRegistry } from '../client/other-registry.ts';
import type { ShownResource } from '../client/resources.ts';
import type { RolloutStatusOptions } from '../commands/rollout.ts';
import { exitCodes } from '../exit-codes.ts';
import { fitting } from '../output/fitting.ts';
import { rolloutView } from '../output/rollout.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { deploymentMeant } from './deployment-meant.ts';

const lookEveryMs = 1_000;
/** A control process that ended is started anew within seconds. Whoever is not back after that many looks is gone. */
const patience = 120;

/** Shows where a rollout is; with `--watch` until it has ended, or the terminal's signal aborts. */
export async function runRolloutStatus(
  name: string,
  options: RolloutStatusOptions,
  terminal: Terminal,
): Promise<number> {
  const api = await connect(options, terminal);
  const { ref } = await deploymentMeant(api, name, options);
  await sayOtherRegistry(api, terminal);
  const show = viewer(options, terminal);
  let missed = 0;
  for (;;) {
    const deployment = await api.get<ShownResource>(`/resources/${ref}`).catch((error: unknown) => {
      // It has answered before: `deploymentMeant` asked it.
      if (options.watch !== true || codeOf(error) !== 'ServerUnreachable' || missed === patience) throw error;
      return undefined;
    });
    if (deployment !== undefined) {
      missed = 0;
      show(deployment);
      if (options.watch !== true) return exitCodes.success;
      const ended = statusOf(deployment);
      if (ended !== undefined) return ended;
    } else missed += 1;
    await wait(lookEveryMs, undefined, { signal: terminal.signal });
  }
}

/** The status to exit with; undefined while something is under way. */
function statusOf({ status, digest }: ShownResource): number | undefined {
  // What was just merged has not been looked at yet.
  if (status === null || status.observedDigest !== digest) return undefined;
  const isTrue = (type: string) =>
    status.conditions.some((one) => one.type === type && one.status === 'True');
  if (isTrue('Progressing')) return undefined;
  return isTrue('Ready') ? exitCodes.success : exitCodes.problems;
}

/** On a terminal each look takes the place of the one before; elsewhere it is printed when it differs. */
function viewer(options: RolloutStatusOptions, terminal: Terminal): (deployment: ShownResource) => void {
  const { output } = options;
  let lines = 0;
  let last = '';
  return (deployment) => {
    const width = terminal.interactive ? terminal.width : Number.POSITIVE_INFINITY;
    const text =
      output === undefined
        ? rolloutView(deployment, {
            now: Date.now(),
            width,
            colours: terminal.colours,
            isLive: terminal.interactive,
          })
        : structured(deployment.status?.facts ?? {}, output);
    if (text === last) return;
    last = text;
    if (terminal.interactive && output === undefined && lines > 0) terminal.out(`\u001b[${lines}A\u001b[J`);
    const isRedrawn = options.watch === true && terminal.interactive && output === undefined;
    const shown = isRedrawn ? fitting(text, terminal.height) : text;
    terminal.out(shown);
    lines = shown.split('\n').length - 1;
  };
}
