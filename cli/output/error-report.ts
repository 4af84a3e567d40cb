import { isCodedError, messageOf } from '../../core/errors.ts';
import { printable, type Terminal } from '../terminal.ts';

/** Writes anything thrown for a person: what happened, where, what to do next. The stack only when asked for. */
export function reportError(thrown: unknown, terminal: Terminal, verbose: boolean): void {
  const { red, dim, bold } = terminal.errColours;
  const lines = [`${red(bold('error:'))} ${printable(messageOf(thrown))}`];
  if (isCodedError(thrown)) {
    if (thrown.where) lines.push(`  ${dim('at:')}   ${printable(thrown.where)}`);
    if (thrown.hint) lines.push(`  ${dim('hint:')} ${printable(thrown.hint)}`);
    lines.push(`  ${dim('code:')} ${thrown.code}`);
  } else {
    lines.push(`  ${dim('hint:')} This is a defect of switchyard: run again with --verbose and report it.`);
    lines.push(`  ${dim('code:')} InternalError`);
  }
  if (verbose && thrown instanceof Error) lines.push('', dim(printable(stackOf(thrown))));
  terminal.err(`${lines.join('\n')}\n`);
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}
