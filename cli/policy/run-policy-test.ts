import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegistryIssue } from '../../core/capabilities/registry.ts';
import { checkCommit, checkFolder } from '../../core/manifest/check.ts';
import type { Repository } from '../../libraries/git/repository.ts';
import { type PlacedCase, readCaseFile } from '../../plugins/policies/cases/case-file.ts';
import { type CaseRegistry, type CaseResult, runCase } from '../../plugins/policies/cases/run-case.ts';
import { type CheckTarget, findCheckTarget } from '../check/check-target.ts';
import { noCases } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { policyResults } from '../output/policy-results.ts';
import { structured } from '../output/structured.ts';
import { operatorFile, registryKinds } from '../registry-kinds.ts';
import type { Terminal } from '../terminal.ts';

export interface PolicyTestOptions {
  readonly output?: 'json' | 'yaml';
  readonly config?: string;
}

export interface RanCase extends PlacedCase, CaseResult {}

const folder = 'policy-tests';
const maxBytes = 1024 * 1024;

/** Runs the recorded cases of what a person named, prints what came of each, and answers the status to exit with. */
export async function runPolicyTest(
  named: string,
  options: PolicyTestOptions,
  terminal: Terminal,
): Promise<number> {
  const target = await findCheckTarget(named, terminal);
  try {
    const cases = await readCases(target);
    const registry = await readRegistry(target, operatorFile(options, terminal));
    const ran: RanCase[] = [];
    for (const placed of cases) ran.push({ ...placed, ...(await runCase(placed.recorded, registry)) });
    const failed = ran.filter(({ problems }) => problems.length > 0).length;
    if (options.output === undefined) terminal.out(policyResults(ran, terminal.colours));
    else {
      const told = ran.map(({ file, line, recorded, problems, verdict }) => {
        return { file, line, name: recorded.name, passed: problems.length === 0, problems, verdict };
      });
      terminal.out(structured({ passed: ran.length - failed, failed, cases: told }, options.output));
    }
    return failed > 0 ? exitCodes.problems : exitCodes.success;
  } finally {
    await target.close();
  }
}

async function readRegistry(
  { root, repository, commit }: CheckTarget,
  configuration: string | undefined,
): Promise<CaseRegistry> {
  const kinds = await registryKinds({ root, repository, commit, operatorFile: configuration });
  const { snapshot, issues } =
    repository && commit ? await checkCommit(repository, commit, kinds) : await checkFolder(root, kinds);
  return { resources: [...snapshot.resources.values()], broken: brokenPlaces(issues) };
}

/** Policies and teams that are not valid. */
export function brokenPlaces(issues: readonly RegistryIssue[]): readonly string[] {
  return issues
    .filter(({ severity, path }) => severity === 'error' && /^(policies|teams)\//.test(path))
    .map(({ path, line }) => `${path}:${line}`);
}

/** The cases of all files in `policy-tests/`, in the order of their names; of one file where that was named. */
async function readCases(target: CheckTarget): Promise<readonly PlacedCase[]> {
  const { root, repository, commit } = target;
  const files = repository && commit ? await filesOfCommit(repository, commit) : await filesOnDisk(root);
  const cases: PlacedCase[] = [];
  for (const [file, read] of files) {
    if (target.includes(file)) cases.push(...readCaseFile(file, await read()));
  }
  if (cases.length === 0) throw noCases(join(root, folder));
  return cases;
}

type Readable = readonly (readonly [file: string, read: () => Promise<string>])[];

async function filesOnDisk(root: string): Promise<Readable> {
  const names = await readdir(join(root, folder)).catch(() => []);
  return caseFiles(names).map((file) => [file, () => readFile(join(root, file), 'utf8')]);
}

async function filesOfCommit(repository: Repository, commit: string): Promise<Readable> {
  const { tree } = await repository.commit(commit);
  const entry = (await repository.tree(tree)).find(({ name, type }) => name === folder && type === 'tree');
  if (entry === undefined) return [];
  const names = (await repository.tree(entry.id)).map(({ name }) => name);
  return caseFiles(names).map((file) => [
    file,
    async () => new TextDecoder().decode(await repository.readFile(commit, file, maxBytes)),
  ]);
}

function caseFiles(names: readonly string[]): readonly string[] {
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);
}
