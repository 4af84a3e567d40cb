import { schedule as scheduleCron, validate } from 'node-cron';
import { type Logger, messageOf, SwitchyardError } from '../plugin.ts';

/**
 * Runs a job by cron (five or six fields, UTC). A run that takes longer than its period makes the next one skip:
 * never two at once. The answer stops it, aborts a run under way and waits for its end.
 */
export function schedule(
  cron: string,
  job: (signal: AbortSignal) => Promise<void>,
  log: Logger,
): () => Promise<void> {
  if (!validate(cron)) {
    throw new SwitchyardError('CronInvalid', `"${cron}" is not a cron expression`, {
      hint: 'Five fields (minute hour day month weekday), or six with seconds first.',
    });
  }
  const controller = new AbortController();
  let running: Promise<void> | undefined;
  const task = scheduleCron(
    cron,
    () => {
      if (running) return;
      running = job(controller.signal)
        .catch((thrown) => log.error({ cron, error: messageOf(thrown) }, 'scheduled job failed'))
        .finally(() => {
          running = undefined;
        });
    },
    { timezone: 'UTC' },
  );
  return async () => {
    await task.stop();
    controller.abort();
    await running;
  };
}
