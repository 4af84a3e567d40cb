// One process that does one thing to the embedded forge, and may end by SIGKILL just before one of its writes.
// node forge-process.mjs DIST REPOSITORY IMPLEMENTATION STEP ORDER: STEP 0 is never; ORDER is JSON: [method, ...arguments].
import { pathToFileURL } from 'node:url';

const [dist, path, implementation, step, order] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(`${dist}/${file}`).href);
const { openRepository } = await load('libraries/git/open-repository.js');
const { GitForge } = await load('plugins/forge-git/git-forge.js');

let writes = 0;
const write = () => {
  writes += 1;
  if (writes === Number(step)) process.kill(process.pid, 'SIGKILL');
};
const inner = await openRepository(path, { implementation });
const repository = new Proxy(inner, {
  get(target, name) {
    const value = Reflect.get(target, name);
    if (typeof value !== 'function') return value;
    if (name === 'makeCommit') {
      return async (...given) => {
        write();
        return target.makeCommit(...given);
      };
    }
    // To die in the middle, commits that belong together are written one by one.
    if (name === 'makeCommits' && Number(step) > 0) {
      return async (drafts) => {
        const made = [];
        for (const draft of drafts) {
          write();
          made.push(await target.makeCommit(draft(made)));
        }
        return made;
      };
    }
    // And references move one by one: what a file system without transactions leaves behind.
    if (name === 'updateReferences' && Number(step) > 0) {
      return async (updates) => {
        for (const update of updates) {
          write();
          await target.updateReferences([update]);
        }
      };
    }
    return value.bind(target);
  },
});

const forge = new GitForge({ repository, base: 'refs/heads/main', patience: 120_000 });
const [method, ...given] = JSON.parse(order, (key, value) => (key === 'changes' ? new Map(value) : value));
try {
  process.stdout.write(JSON.stringify({ answer: (await forge[method](...given)) ?? null }));
} catch (error) {
  process.stdout.write(JSON.stringify({ code: error.code ?? 'Error', message: error.message }));
}
await inner.close();
