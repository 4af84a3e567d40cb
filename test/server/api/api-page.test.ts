import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRoutes } from '../../../server/api/routes.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8');

describe('docs/api.md', () => {
  it.each(allRoutes({ heartbeatMs: 1_000 }).map(({ method, path, query }) => ({ method, path, query })))(
    'names $method $path and its parameters',
    ({ method, path, query }) => {
      const parameters = Object.keys(query ?? {}).map((name) => `${name}=`);
      const said = [...page.matchAll(/`([A-Z]+) ([^`?]+)(\?[^`]*)?`/g)].find(
        ([, saidMethod, saidPath]) => saidMethod === method && saidPath === path,
      );
      expect(said, `${method} ${path}`).toBeDefined();
      expect(said?.[3]?.slice(1).split('&') ?? []).toEqual(parameters);
    },
  );
});
