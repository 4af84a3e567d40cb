import type { AnswerCounts } from '../../core/capabilities/answer-counts.ts';
import { serviceLevels } from '../../core/capabilities/service-levels.ts';
import { type Host, messageOf, type Providers } from '../../core/plugin.ts';
import { steadyClock } from '../../libraries/steady-clock/index.ts';
import { exposition } from './metrics.ts';
import { sloRoutes } from './routes.ts';
import { ServiceLevelBook } from './service-level-book.ts';

const tickMs = 5_000;
/** What is lost in a power cut; after a kill, processes still know. */
const writeMs = 60_000;

/** What runs of this plugin: apart from its declaration, so that reading manifests loads none of it. */
export function setUpServiceLevels(host: Host, counts: Providers<AnswerCounts>): void {
  const { log, machine } = host;
  const [name] = counts.names();
  const book = new ServiceLevelBook({
    folder: machine.folder,
    now: steadyClock(),
    wake: (ref) => host.wake(ref),
    log,
  });
  host.provide(serviceLevels, 'slo', book);
  host.routes(sloRoutes(book));
  host.metrics(async () => exposition(book));
  host.onStart(async () => {
    await book.open(counts.get(name ?? ''));
    let writing: Promise<void> | undefined;
    const write = () => {
      writing ??= book.write().finally(() => {
        writing = undefined;
      });
    };
    let looking: Promise<void> | undefined;
    const look = () => {
      looking ??= book
        .tick()
        .catch((error: unknown) =>
          log.error({ error: messageOf(error) }, 'service levels could not be judged'),
        )
        .finally(() => {
          looking = undefined;
        });
      if (book.hasNews) write();
    };
    const ticking = setInterval(look, tickMs).unref();
    const keeping = setInterval(write, writeMs).unref();
    host.onStop(async () => {
      clearInterval(ticking);
      clearInterval(keeping);
      await looking;
      await writing;
      await book.write();
    });
  });
}
