import { SwitchyardError } from '../../core/errors.ts';
import { unexpectedAnswer } from './errors.ts';

/** The error that an answer of the status API carries, with its own code, place and hint. */
export function errorOf(body: string, status: number, url: string): SwitchyardError {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch (error) {
    return unexpectedAnswer(url, status, error);
  }
  const outer = fields(content);
  const problem = fields(outer.error ?? content);
  const code = text(problem.code);
  const message = text(problem.message) ?? text(problem.detail) ?? text(problem.title);
  if (code === undefined || message === undefined) return unexpectedAnswer(url, status);
  return new SwitchyardError(code, message, { status, where: text(problem.where), hint: text(problem.hint) });
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
