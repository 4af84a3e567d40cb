import { promised, serviceLevelsSuite } from '../../conformance/service-levels.ts';
import { minute, SloWorld } from './slo-world.ts';

serviceLevelsSuite('of the book', async () => {
  const world = new SloWorld();
  world.promise = promised;
  await world.open();
  return {
    levels: () => world.book,
    passes: (minutes, how) => world.passes(minutes * minute, { bad: how === 'badly' ? 1 : 0 }),
    woken: world.woken,
    async restarts() {
      await world.book.write();
      await world.restart();
    },
    close: () => world.close(),
  };
});
