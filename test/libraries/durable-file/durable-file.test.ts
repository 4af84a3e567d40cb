import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  putInPlace,
  removeDurably,
  replaceFile,
  settleFile,
  writeDurably,
} from '../../../libraries/durable-file/index.ts';
import { temporaryFolder } from '../../fixtures/git-repository.ts';

describe('a durable file', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let path: string;
  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder.path, 'kept.json');
  });
  afterEach(() => folder.remove());

  it('holds the newest text, for this user alone, with no draft beside it', async () => {
    await writeDurably(path, 'first');
    await writeDurably(path, 'second');
    expect(readFileSync(path, 'utf8')).toBe('second');
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder.path)).toEqual(['kept.json']);
  });

  it('leaves what is there, and no draft, where it cannot be written', async () => {
    mkdirSync(path);
    await expect(writeDurably(path, 'text')).rejects.toThrow();
    expect(statSync(path).isDirectory()).toBe(true);
    expect(readdirSync(folder.path)).toEqual(['kept.json']);
  });

  it('is taken over by a draft that was written apart, or stays with it', async () => {
    const draft = join(folder.path, 'draft');
    await writeDurably(path, 'first');
    writeFileSync(draft, 'second');
    await putInPlace(draft, path);
    expect([readFileSync(path, 'utf8'), readdirSync(folder.path)]).toEqual(['second', ['kept.json']]);
    await expect(putInPlace(draft, path)).rejects.toThrow('ENOENT');
    expect(readFileSync(path, 'utf8')).toBe('second');
  });

  it('is gone once it is removed, and may be gone before', async () => {
    await writeDurably(path, 'text');
    await removeDurably(path);
    await removeDurably(path);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('can be replaced at once and settled later, and nothing is left of a replacement that fails', async () => {
    replaceFile(path, 'first');
    replaceFile(path, 'second');
    expect(readFileSync(path, 'utf8')).toBe('second');
    await settleFile(path);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    const taken = join(folder.path, 'taken');
    mkdirSync(taken);
    expect(() => replaceFile(taken, 'text')).toThrow();
    expect(readdirSync(folder.path).sort()).toEqual(['kept.json', 'taken']);
  });
});
