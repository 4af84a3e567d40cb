import { describe, expect, it } from 'vitest';
import type { ProposalSubject } from '../../../core/capabilities/proposal-check.ts';
import type { Resource } from '../../../core/plugin.ts';
import { sessionsInQuestion } from '../../../plugins/evaluation/sessions-in-question.ts';

function version(name: string, runtime?: object): Resource {
  const spec = { runtime };
  return resource(`ModelVersion/bird/${name}`, 'ModelVersion', { name, model: 'bird' }, spec);
}

function deployment(environment: string, named: string, runtime?: object): Resource {
  const spec = { model: 'bird', version: named, runtime };
  return resource(`Deployment/${environment}/bird`, 'Deployment', { name: 'bird', environment }, spec);
}

function resource(ref: string, kind: string, metadata: object, spec: object): Resource {
  return { ref, kind, metadata, spec, digest: JSON.stringify(spec) } as unknown as Resource;
}

function subject(base: readonly Resource[], merged: readonly Resource[]): ProposalSubject {
  const side = (all: readonly Resource[]) => ({ resources: new Map(all.map((one) => [one.ref, one])) });
  return { base: side(base), merged: side(merged) } as unknown as ProposalSubject;
}

const told = (of: ProposalSubject) =>
  sessionsInQuestion(of).map(({ version, settings, where }) => [version.metadata.name, settings, where]);

describe('the sessions that a proposal puts in question', () => {
  it('are that of a new version as it says itself, and as deployments have it run', () => {
    const added = version('2.0.0', { intraOpThreads: 2 });
    const before = [version('1.0.0'), deployment('staging', '1.0.0'), deployment('production', '1.0.0')];
    const after = [
      version('1.0.0'),
      added,
      deployment('staging', '2.0.0'),
      deployment('production', '2.0.0', { provider: 'cuda' }),
    ];
    expect(told(subject(before, after))).toEqual([
      ['2.0.0', { intraOpThreads: 2 }, undefined],
      ['2.0.0', { intraOpThreads: 2, provider: 'cuda' }, 'production/bird'],
    ]);
  });

  it('are those of a version that only runs in another way', () => {
    const before = [version('1.0.0'), deployment('production', '1.0.0')];
    const after = [version('1.0.0'), deployment('production', '1.0.0', { provider: 'webgpu', replicas: 2 })];
    expect(told(subject(before, after))).toEqual([['1.0.0', { provider: 'webgpu' }, 'production/bird']]);
  });

  it('are none where a deployment is only placed in another way', () => {
    const before = [version('1.0.0'), deployment('production', '1.0.0')];
    const after = [version('1.0.0'), deployment('production', '1.0.0', { placement: 'worker' })];
    expect(told(subject(before, after))).toEqual([]);
  });
});
