import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import { repositorySuite } from '../../conformance/repository.ts';
import { cleanEnvironment, makeRepository, temporaryFolder } from '../../fixtures/git-repository.ts';

repositorySuite({
  name: 'native git',
  open: (path) => openRepository(path, { implementation: 'native', environment: cleanEnvironment }),
  refuses: [],
});

it('streams a blob of any size without holding it in memory', async () => {
  const folder = temporaryFolder();
  const size = 96 * 1024 * 1024;
  const real = makeRepository(join(folder.path, 'registry'));
  real.commit({ 'model.onnx': Buffer.alloc(size) });
  const repository = await openRepository(real.path, { environment: cleanEnvironment });
  try {
    const id = real.git('rev-parse', 'HEAD:model.onnx');
    expect(await repository.blobSize(id)).toBe(size);
    globalThis.gc?.();
    const before = process.memoryUsage().arrayBuffers;
    let highest = 0;
    let read = 0;
    for await (const piece of repository.openBlob(id)) {
      read += piece.length;
      highest = Math.max(highest, process.memoryUsage().arrayBuffers - before);
    }
    expect(read).toBe(size);
    expect(highest).toBeLessThan(size / 2);
  } finally {
    await repository.close();
    folder.remove();
  }
});
