/** Tries a lock when it is told to, says what came of it, and holds what it has. */
import { tryLock } from '../../../dist/libraries/socket-lock/index.js';

process.on('message', async (path) => {
  const outcome = await tryLock(path);
  process.send('release' in outcome ? { holds: true } : { holds: false, pid: outcome.pid });
});
process.send('ready');
