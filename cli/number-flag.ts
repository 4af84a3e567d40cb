import { usageError } from './errors.ts';

export interface NumberFlag {
  readonly least: number;
  readonly most: number;
  /** Which command has it: its help says more. */
  readonly command: string;
}

/** The number that a flag was given; undefined where it was not. */
export function numberOf(
  flag: string,
  text: string | undefined,
  { least, most, command }: NumberFlag,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw usageError(
    `${flag} is '${text}', not a number from ${least} to ${most}`,
    `See \`switchyard help ${command}\`.`,
  );
}

export function wholeNumberOf(
  flag: string,
  text: string | undefined,
  limits: NumberFlag,
): number | undefined {
  const value = numberOf(flag, text, limits);
  if (value === undefined || Number.isInteger(value)) return value;
  throw usageError(`${flag} is '${text}', not a whole number`, `See \`switchyard help ${limits.command}\`.`);
}
