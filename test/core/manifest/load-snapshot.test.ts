import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goodFiles, SmallRegistry } from './small-registry.ts';

let registry: SmallRegistry;
beforeEach(async () => {
  registry = await SmallRegistry.open();
});
afterEach(() => registry.close());

describe('a snapshot', () => {
  it('holds every resource of a commit with its origin', async () => {
    const snapshot = await registry.load(goodFiles);
    expect(snapshot.issues).toEqual([]);
    expect([...snapshot.resources.keys()].sort()).toEqual([
      'Deployment/dev/fraud',
      'Environment/dev',
      'Model/churn',
      'Model/fraud',
      'ModelVersion/fraud/1.0.0',
      'ModelVersion/fraud/1.1.0',
    ]);
    const resource = snapshot.resources.get('Model/fraud');
    expect(resource).toMatchObject({
      kind: 'Model',
      metadata: { name: 'fraud' },
      spec: { task: 'regression' },
      origin: { commit: snapshot.commit, path: 'models/fraud/model.yaml', line: 1, column: 1 },
      attachments: [],
    });
    expect(resource?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});
