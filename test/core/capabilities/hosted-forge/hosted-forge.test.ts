import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { branchOf, headAt, placeOf } from '../../../../core/capabilities/hosted-forge/index.ts';
import {
  readProposalMarker,
  readSlotMarker,
  withProposalMarker,
  withSlotMarker,
} from '../../../../core/capabilities/hosted-forge/marker.ts';

describe('the branch of a key', () => {
  it('can be read, and follows from the key alone', () => {
    expect(branchOf('version:Deployment/production/bird-strike')).toMatch(
      /^switchyard\/version\/deployment-production-bird-strike-[0-9a-f]{10}$/,
    );
  });

  it('is a good name for any key, and another for another key', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const branch = branchOf(one);
        expect(branch).toMatch(/^switchyard\/[a-z][a-z-]*\/[a-z0-9]+(-[a-z0-9]+)*$/);
        expect(branch.length).toBeLessThanOrEqual(90);
        expect(branchOf(other) === branch).toBe(one === other);
      }),
    );
  });
});

describe('the marker in a body', () => {
  it('gives back any key, and leaves the text as it was', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, words) => {
        const body = words.replaceAll(/\r/g, '').trimEnd();
        const text = withProposalMarker(body, { key, draft: 'd' }, 65_536);
        expect(readProposalMarker(text)).toEqual({ body, marker: { key, draft: 'd' } });
      }),
    );
  });

  it('is the last one: what is quoted before counts for nothing', () => {
    const quoted = withProposalMarker('quoted', { key: 'theirs', draft: 'x' }, 65_536);
    const text = withProposalMarker(quoted, { key: 'ours', draft: 'y' }, 65_536);
    expect(readProposalMarker(text)).toEqual({ body: quoted, marker: { key: 'ours', draft: 'y' } });
    expect(readProposalMarker(`${text}\n\nedited by hand`).marker?.key).toBe('ours');
  });

  it('survives line ends of Windows', () => {
    const text = withSlotMarker('a\nb', 'plan', 1000).replaceAll('\n', '\r\n');
    expect(readSlotMarker(text)).toEqual({ slot: 'plan', body: 'a\nb' });
  });

  it('leaves room for itself when a text is too long', () => {
    const text = withSlotMarker('x'.repeat(5000), 'plan', 1000);
    expect(text.length).toBeLessThanOrEqual(1000);
    expect(readSlotMarker(text)?.slot).toBe('plan');
    expect(text).toContain('does not fit here');
  });

  it.each([
    '',
    'hello',
    '<!-- switchyard:proposal {} -->',
    '<!-- switchyard:proposal {"key":1,"draft":"x"} -->',
    '<!-- switchyard:proposal {"key -->',
  ])('is not found in %j', (text) => {
    expect(readProposalMarker(text)).toEqual({ body: text, marker: undefined });
  });
});

describe('the place of a remote', () => {
  it.each([
    ['https://github.com/acme/registry.git', 'github.com', 'acme/registry'],
    ['https://github.com/acme/registry/', 'github.com', 'acme/registry'],
    ['http://127.0.0.1:3000/acme/registry', '127.0.0.1:3000', 'acme/registry'],
    ['ssh://git@git.example.com:2222/group/sub/registry.git', 'git.example.com', 'group/sub/registry'],
    ['git@GitHub.com:acme/registry.git', 'github.com', 'acme/registry'],
  ])('%s is %s and %s', (location, host, path) => {
    expect(placeOf(location)).toEqual({ host, path });
  });

  it.each(['/srv/registry.git', 'registry', './registry', 'file:///srv/registry.git', ''])(
    'of %j there is none',
    (location) => expect(placeOf(location)).toBeUndefined(),
  );
});

describe('the head at a time', () => {
  const push = (head: string, second: number, type: 'forge' | 'none' = 'forge') => ({
    by: { name: 'x' },
    head,
    at: new Date(second * 1000).toISOString(),
    proof: { type } as { type: 'forge' | 'none' },
  });
  const at = (second: number) => new Date(second * 1000).toISOString();

  it('is what the forge saw pushed last', () => {
    const pushes = [push('b', 20), push('a', 10), push('forged', 15, 'none')];
    expect([9, 10, 19, 20, 99].map((second) => headAt(pushes, at(second)))).toEqual([
      undefined,
      'a',
      'a',
      'b',
      'b',
    ]);
  });

  it('is the one before where the last came too shortly before', () => {
    const pushes = [push('a', 10), push('b', 20)];
    expect(headAt(pushes, at(25), 10_000)).toBe('a');
    expect(headAt(pushes, at(30), 10_000)).toBe('b');
    expect(headAt(pushes, at(12), 10_000)).toBe('a');
  });
});
