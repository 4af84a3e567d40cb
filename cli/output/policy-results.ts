import type { RanCase } from '../policy/run-policy-test.ts';
import { type Colours, printable } from '../terminal.ts';

/** Recorded cases for a person: which pass; of the others what differs, and the verdict that policies came to. */
export function policyResults(ran: readonly RanCase[], colours: Colours): string {
  const { green, red, dim } = colours;
  const lines: string[] = [];
  for (const { file, line, recorded, problems, verdict } of ran) {
    const isGood = problems.length === 0;
    const where = dim(`${printable(file)}:${line}`);
    lines.push(`${isGood ? green('✔') : red('✘')} ${printable(recorded.name)}  ${where}`);
    if (isGood) continue;
    for (const problem of problems) lines.push(`    ${printable(problem)}`);
    for (const { met, code, rule, message } of verdict.requirements) {
      lines.push(`      ${met ? green('✔') : red('✘')} ${code}  ${dim(printable(rule))}`);
      lines.push(`        ${printable(message)}`);
    }
  }
  const failed = ran.filter(({ problems }) => problems.length > 0).length;
  const count = `${ran.length} ${ran.length === 1 ? 'case' : 'cases'}`;
  lines.push(
    failed === 0 ? green(`${count}, all as expected`) : red(`${failed} of ${count} are not as expected`),
  );
  return `${lines.join('\n')}\n`;
}
