import { type Checked, checkCommit, checkFolder } from '../../core/manifest/check.ts';
import { compareIssues, type Issue } from '../../core/manifest/issue.ts';
import type { CheckOptions } from '../commands/check.ts';
import { nothingToCheck, unreadable } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { issuesForGitHub } from '../output/issues-github.ts';
import { issuesForPeople } from '../output/issues-human.ts';
import { issuesAsSarif } from '../output/issues-sarif.ts';
import { withProgress } from '../output/progress.ts';
import { structured } from '../output/structured.ts';
import { packageVersion } from '../package-version.ts';
import { operatorFile, registryKinds } from '../registry-kinds.ts';
import type { Terminal } from '../terminal.ts';
import { type CheckTarget, findCheckTarget } from './check-target.ts';
import { leakedSecrets } from './leaked-secrets.ts';
import { wrongProfiles } from './wrong-profiles.ts';

/** Checks what a person named, prints what was found, and answers the status to exit with. */
export async function runCheck(named: string, options: CheckOptions, terminal: Terminal): Promise<number> {
  const started = performance.now();
  const target = await findCheckTarget(named, terminal);
  try {
    const { checked, more } = await withProgress(
      terminal,
      `checking ${target.description}`,
      check(target, operatorFile(options, terminal)).then(async (checked) => ({
        checked,
        more: [...(await leakedSecrets(checked, target)), ...(await wrongProfiles(checked, target))],
      })),
    );
    if (checked.snapshot.resources.size === 0 && checked.issues.length === 0) {
      const at = target.commit === undefined ? '' : ` in ${target.description}`;
      throw nothingToCheck(`there is no manifest${at}`, target.root);
    }
    const found = [...checked.issues.filter(({ path }) => target.includes(path)), ...more];
    const issues = found.sort(compareIssues);
    const milliseconds = Math.round(performance.now() - started);
    terminal.out(await report({ issues, checked, target, milliseconds }, options, terminal));
    const counts = options.strict ? issues : issues.filter(({ severity }) => severity === 'error');
    return counts.length > 0 ? exitCodes.problems : exitCodes.success;
  } finally {
    await target.close();
  }
}

async function check(target: CheckTarget, configuration: string | undefined): Promise<Checked> {
  const { root, repository, commit } = target;
  try {
    const kinds = await registryKinds({ root, repository, commit, operatorFile: configuration });
    return repository && commit
      ? await checkCommit(repository, commit, kinds)
      : await checkFolder(root, kinds);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if ((code === 'EACCES' || code === 'EPERM') && path !== undefined) throw unreadable(path, error);
    throw error;
  }
}

interface Report {
  readonly issues: readonly Issue[];
  readonly checked: Checked;
  readonly target: CheckTarget;
  readonly milliseconds: number;
}

async function report(found: Report, options: CheckOptions, terminal: Terminal): Promise<string> {
  const { issues, checked, target } = found;
  switch (options.output) {
    case 'json':
    case 'yaml': {
      const resources = checked.snapshot.resources.size;
      return structured({ commit: target.commit ?? null, resources, issues }, options.output);
    }
    case 'sarif':
      return structured(issuesAsSarif(issues, await packageVersion()), 'json');
    case 'github':
      return issuesForGitHub(issues);
    default: {
      const listed = await issuesForPeople(issues, target.readLine, terminal.colours);
      return `${listed}${listed && '\n'}${verdict(found, terminal)}\n`;
    }
  }
}

function verdict({ issues, checked, target, milliseconds }: Report, terminal: Terminal): string {
  const { green, red, yellow, dim } = terminal.colours;
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  const warnings = issues.length - errors;
  const resources = checked.snapshot.resources.size;
  const where = dim(`${target.description}, ${milliseconds} ms`);
  const valid = `${resources} valid ${resources === 1 ? 'resource' : 'resources'}`;
  if (issues.length === 0) return `${green('✔')} No issues: ${valid}  ${where}`;
  const counts = [
    ...(errors > 0 ? [red(`${errors} ${errors === 1 ? 'error' : 'errors'}`)] : []),
    ...(warnings > 0 ? [yellow(`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`)] : []),
  ];
  return `${errors > 0 ? red('✘') : yellow('!')} ${counts.join(', ')}; ${valid}  ${where}`;
}
