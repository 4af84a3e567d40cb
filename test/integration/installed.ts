import { spawnSync } from 'node:child_process';

/** Why a program cannot be used here; undefined where it can. Printed, so that a skip is seen. */
export function whyMissing(
  program: string,
  debianPackage: string,
  how = `Debian: apt-get install ${debianPackage}`,
): string | undefined {
  const { status, error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (error === undefined && status === 0) return undefined;
  const reason = `there is no ${program} here (${how})`;
  console.warn(`skipped: ${reason}`);
  return reason;
}
