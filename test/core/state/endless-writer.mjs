// Writes to a store until it is killed, and says what was acknowledged. Arguments: the compiled open-store, the folder.
const [, , module, folder] = process.argv;
const { openStore } = await import(module);
const quiet = () => undefined;
const store = await openStore({ folder, log: { debug: quiet, info: quiet, warn: quiet, error: quiet } });

for (let round = 0; ; round += 1) {
  const writes = Array.from({ length: 20 }, async (_, index) => {
    const data = { round, index, filling: 'x'.repeat(500) };
    const entry = await store.append({ time: '', type: 'test', ref: null, commit: null, message: '', data });
    await store.putCell(`Model/m${index}`, { round });
    return entry.sequence;
  });
  const sequences = await Promise.all(writes);
  await new Promise((written) => process.stdout.write(`${JSON.stringify({ round, sequences })}\n`, written));
}
