import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSnapshot } from '../../../core/manifest/load-snapshot.ts';
import type { Snapshot } from '../../../core/manifest/snapshot.ts';
import type { KindDefinition } from '../../../core/plugin.ts';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import type { Repository } from '../../../libraries/git/repository.ts';
import { git } from '../../fixtures/registry.ts';
import { smallKinds } from './small-kinds.ts';

export type Files = Readonly<Record<string, string | Uint8Array | null>>;

/** A real repository in a temporary folder. */
export class SmallRegistry {
  readonly folder: string;
  readonly repository: Repository;
  #head: string | null = null;

  private constructor(folder: string, repository: Repository) {
    this.folder = folder;
    this.repository = repository;
  }

  static async open(): Promise<SmallRegistry> {
    const folder = await mkdtemp(join(tmpdir(), 'switchyard-manifest-'));
    git(folder, 'init', '-q', '--bare', '-b', 'main');
    return new SmallRegistry(folder, await openRepository(folder));
  }

  /** Commits files on top of the last commit; null deletes. */
  async commit(files: Files): Promise<string> {
    this.#head = await this.repository.write({
      reference: 'refs/heads/main',
      expected: this.#head,
      message: 'Change',
      author: { name: 'Ada', email: 'ada@example.com' },
      changes: new Map(Object.entries(files)),
    });
    return this.#head;
  }

  /** The commit that later commits go on top of. */
  rewind(commit: string): void {
    git(this.folder, 'update-ref', 'refs/heads/main', commit);
    this.#head = commit;
  }

  /** The snapshot of files that are committed on top of the last commit. */
  async load(
    files: Files,
    options: { previous?: Snapshot; kinds?: readonly KindDefinition[] } = {},
  ): Promise<Snapshot> {
    const commit = await this.commit(files);
    return loadSnapshot({ repository: this.repository, commit, kinds: smallKinds, ...options });
  }

  async close(): Promise<void> {
    await this.repository.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export function model(name: string, spec = 'task: regression', more = ''): string {
  return `apiVersion: switchyard/v1\nkind: Model\nmetadata:\n  name: ${name}\n${more}spec:\n  ${spec}\n`;
}

export function version(modelName: string, name: string, spec = 'inputs: 3'): string {
  return `apiVersion: switchyard/v1\nkind: ModelVersion\nmetadata: { name: ${name}, model: ${modelName} }\nspec: { ${spec} }\n`;
}

export function environment(name: string, spec = ''): string {
  return `apiVersion: switchyard/v1\nkind: Environment\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`;
}

export function deployment(name: string, environmentName: string, spec: string): string {
  return `apiVersion: switchyard/v1\nkind: Deployment\nmetadata: { name: ${name}, environment: ${environmentName} }\nspec: { ${spec} }\n`;
}

/** A registry that is right: two models, their versions, an environment, a deployment. */
export const goodFiles = {
  'models/fraud/model.yaml': model('fraud'),
  'models/fraud/versions/1.0.0.yaml': version('fraud', '1.0.0'),
  'models/fraud/versions/1.1.0.yaml': version('fraud', '1.1.0', 'inputs: 4'),
  'models/churn/model.yaml': model('churn'),
  'environments/dev/environment.yaml': environment('dev'),
  'environments/dev/fraud.yaml': deployment('fraud', 'dev', 'model: fraud, version: 1.0.0'),
} as const;

/** `path:line:column Code` of each issue. */
export function places(snapshot: Snapshot): string[] {
  return snapshot.issues.map(({ path, line, column, code }) => `${path}:${line}:${column} ${code}`);
}
