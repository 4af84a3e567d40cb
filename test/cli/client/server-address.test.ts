import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { serverAddress } from '../../../cli/client/server-address.ts';
import { run } from '../run.ts';

const folder = tmpdir();

describe('the address of a server', () => {
  it.each([
    ['127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['localhost:8080/', 'http://localhost:8080'],
    ['[::1]:8080', 'http://[::1]:8080'],
    ['https://models.example/yard/', 'https://models.example/yard'],
  ])('%s is %s', (given, meant) => {
    expect(serverAddress(given, 'it')).toBe(meant);
  });

  it.each(['127.0.0.1:99999', 'http://', 'a b', 'ftp://127.0.0.1'])('is not %j', (given) => {
    expect(() => serverAddress(given, 'it')).toThrow(expect.objectContaining({ code: 'UsageError' }));
  });

  it.each([
    ['predict with --server', ['predict', 'linear', '--inputs', '--server', '127.0.0.1:9'], {}],
    ['predict with a variable', ['predict', 'linear', '--inputs'], { SWITCHYARD_INFERENCE: '127.0.0.1:9' }],
    ['predict with --api', ['predict', 'linear', '--proposal', '1', '--api', '127.0.0.1:9'], {}],
    ['jobs', ['jobs', '--api', '127.0.0.1:9'], {}],
    ['conformance', ['conformance', '127.0.0.1:9'], {}],
  ])('may be without a scheme: %s', async (_, words, environment) => {
    const { status, err } = await run(words, { folder, environment });
    expect([status, err]).toEqual([3, expect.stringContaining('answers at http://127.0.0.1:9')]);
  });

  it.each([
    ['--server', ['predict', 'linear', '--inputs', '--server', '127.0.0.1:99999'], {}],
    ['SWITCHYARD_INFERENCE', ['predict', 'linear', '--inputs'], { SWITCHYARD_INFERENCE: 'http://' }],
    ['--api', ['get', 'all', '--api', '127.0.0.1:99999'], {}],
    ['SWITCHYARD_API', ['get', 'all'], { SWITCHYARD_API: 'a b' }],
  ])('that is none is refused, with where it was given: %s', async (where, words, environment) => {
    const { status, err } = await run(words, { folder, environment });
    expect([status, err]).toEqual([2, expect.stringContaining(`${where} is no address`)]);
  });
});

describe('an inference server that does not answer', () => {
  it('is to be named by the flag that it was named by', async () => {
    const words = ['predict', 'linear', '--inputs', '--server', 'http://127.0.0.1:9'];
    const { status, err } = await run(words, { folder });
    expect(status).toBe(3);
    expect(err).toContain('no inference server answers at http://127.0.0.1:9 (');
    expect(err).toContain('--server or SWITCHYARD_INFERENCE');
    expect(err).not.toContain('--api');
  });
});
