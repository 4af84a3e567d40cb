import { lt } from 'semver';
import type { ProposalSubject } from '../../core/capabilities/proposal-check.ts';
import type { PlannedChange } from '../../core/capabilities/registry.ts';
import { type Resource, refOf } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import type { ContextOf } from './expression-context.ts';

/** One thing that a proposal changes, as expressions see it. */
export type ProposedChange = ContextOf<'change'>;

type Subject = Pick<ProposalSubject, 'base' | 'merged' | 'plan' | 'files'>;

/** Everything that a proposal changes: its resources first, then the files that none of them stands in. */
export function changesOf(subject: Subject): readonly ProposedChange[] {
  const changes: ProposedChange[] = [];
  const told = new Set<string>();
  for (const planned of subject.plan.changes) {
    if (planned.type === 'affected') continue;
    const before = subject.base.resources.get(planned.ref);
    const after = subject.merged.resources.get(planned.ref);
    const one = after ?? before;
    if (one === undefined) continue;
    for (const resource of [before, after]) if (resource) told.add(resource.origin.path);
    changes.push(changeOfResource(planned, one, before, after, subject));
    changes.push(...changedUnderneath(before, after, subject));
  }
  for (const { path, before, after } of subject.files) {
    if (told.has(path)) continue;
    changes.push(changeOfFile(path, before === null ? 'add' : after === null ? 'remove' : 'edit', subject));
  }
  return changes;
}

function changeOfResource(
  { type: how, path }: Pick<PlannedChange, 'type' | 'path'>,
  one: Resource,
  before: Resource | undefined,
  after: Resource | undefined,
  subject: Subject,
): ProposedChange {
  const { kind, metadata } = one;
  const model = modelOf(one);
  const [from, to] = [versionOf(before), versionOf(after)];
  const plain = how === 'added' ? 'add' : how === 'removed' ? 'remove' : 'edit';
  return {
    kind,
    type: typeOf(kind, plain, before, after),
    name: metadata.name,
    environment: kind === 'Environment' ? metadata.name : (metadata.environment ?? ''),
    model,
    labels: labelsOf(model, subject),
    from: kind === 'Deployment' ? from : '',
    to,
    path,
    judging: isJudgingKind(kind) || isRuleOfEnvironment(before, after) || isJudgingPath(path),
  };
}

/**
 * The deployments that would answer with other bytes though their own manifests stay: their version became something else
 * under its name. It is brought to them as any other is.
 */
function changedUnderneath(
  before: Resource | undefined,
  after: Resource | undefined,
  subject: Subject,
): readonly ProposedChange[] {
  if (before?.kind !== 'ModelVersion' || after === undefined) return [];
  const [was, is] = [before.spec as ModelVersionSpec, after.spec as ModelVersionSpec];
  if (was.artifact.digest === is.artifact.digest) return [];
  const changes: ProposedChange[] = [];
  for (const resource of subject.merged.resources.values()) {
    if (resource.kind !== 'Deployment') continue;
    const { model, version } = resource.spec as DeploymentSpec;
    if (model !== after.metadata.model || version !== after.metadata.name) continue;
    const earlier = subject.base.resources.get(resource.ref);
    const planned = { type: 'changed', path: resource.origin.path } as const;
    changes.push({ ...changeOfResource(planned, resource, earlier, resource, subject), type: 'promote' });
  }
  return changes;
}

function changeOfFile(path: string, type: string, subject: Subject): ProposedChange {
  const [, environment = ''] = /^environments\/([^/]+)\//.exec(path) ?? [];
  const [, model = ''] = /^models\/([^/]+)\//.exec(path) ?? [];
  return {
    kind: 'File',
    type,
    name: '',
    environment,
    model,
    labels: labelsOf(model, subject),
    from: '',
    to: '',
    path,
    judging: isJudgingPath(path),
  };
}

function typeOf(
  kind: string,
  plain: 'add' | 'edit' | 'remove',
  before: Resource | undefined,
  after: Resource | undefined,
): string {
  if (kind === 'Deployment') {
    const [was, is] = [before?.spec, after?.spec] as [DeploymentSpec | undefined, DeploymentSpec | undefined];
    if (is === undefined) return 'retire';
    if (was === undefined) return 'promote';
    if (was.model === is.model && was.version === is.version) return 'edit';
    return was.model === is.model && lt(is.version, was.version) ? 'rollback' : 'promote';
  }
  if (kind === 'ModelVersion') {
    const [was, is] = [before?.spec, after?.spec] as [
      ModelVersionSpec | undefined,
      ModelVersionSpec | undefined,
    ];
    if (is === undefined) return 'retire';
    if (was === undefined) return 'register';
    if (was.quarantine === undefined && is.quarantine !== undefined) return 'quarantine';
    if (was.quarantine !== undefined && is.quarantine === undefined) return 'release';
  }
  return plain;
}

function modelOf({ kind, metadata, spec }: Resource): string {
  if (kind === 'Model') return metadata.name;
  if (kind === 'Deployment') return (spec as DeploymentSpec).model;
  return metadata.model ?? '';
}

function versionOf(resource: Resource | undefined): string {
  if (resource?.kind === 'Deployment') return (resource.spec as DeploymentSpec).version;
  return resource?.kind === 'ModelVersion' ? resource.metadata.name : '';
}

/** As the base has them, so that nobody takes a label off in the change that it would have held up. */
function labelsOf(model: string, { base, merged }: Subject): Readonly<Record<string, string>> {
  if (model === '') return {};
  const ref = refOf('Model', model);
  return (base.resources.get(ref) ?? merged.resources.get(ref))?.metadata.labels ?? {};
}

function isJudgingKind(kind: string): boolean {
  return kind === 'Policy' || kind === 'Team' || kind === 'Platform';
}

/** Where versions must come from, and whose signature they must have, is part of what judges them. */
function isRuleOfEnvironment(before: Resource | undefined, after: Resource | undefined): boolean {
  if ((before ?? after)?.kind !== 'Environment') return false;
  const [was, is] = [before, after].map((environment) => {
    const { promotesFrom, signing } = (environment?.spec ?? {}) as EnvironmentSpec;
    return JSON.stringify([promotesFrom, signing]);
  });
  return before === undefined || after === undefined || was !== is;
}

/**
 * Beside what judges itself: what continuous integration runs, what Git hides or merges otherwise than it shows, which code the
 * packages of the registry bring, and the configuration of whoever starts the platform in a clone of it.
 */
const judgingPaths = [
  /^(policies|teams|node_modules)\//,
  /^platform\.ya?ml$/,
  /^switchyard\.config\.yaml$/,
  /^\.(github|gitlab|gitea|forgejo|woodpecker|circleci|buildkite|yarn)\//,
  /^(\.gitlab-ci|\.woodpecker|\.drone|azure-pipelines|bitbucket-pipelines)\.ya?ml$/,
  /^jenkinsfile$/,
  /^(docs\/)?codeowners$/,
  /(^|\/)\.gitattributes$/,
  /^\.gitmodules$/,
  /^(package(-lock)?\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$/,
  /^\.(npmrc|yarnrc|yarnrc\.yml|pnpmfile\.[cm]?js)$/,
];

/** Whether what a file says takes part in judging: who may approve, what is asked for, which code looks. */
export function isJudgingPath(path: string): boolean {
  const folded = path.normalize('NFKC').toLowerCase();
  return judgingPaths.some((pattern) => pattern.test(folded));
}

/** Whether a change brings a version to an environment. */
export function bringsVersion({ kind, type }: ProposedChange): boolean {
  return kind === 'Deployment' && (type === 'promote' || type === 'rollback');
}
