import { isCodedError } from '../core/errors.ts';

/** What the command's status means. Scripts depend on these; `docs/cli.md` lists them. */
export const exitCodes = {
  /** Done, and all is well. */
  success: 0,
  /** Done, and something is wrong: issues were found, a resource is not ready, a request failed. */
  problems: 1,
  /** Not understood: an unknown verb or flag, a bad value, a bad configuration. */
  usage: 2,
  /** No platform answers there. */
  unreachable: 3,
  /** What was named is not there. */
  notFound: 4,
  /** The platform refused: no token, or one that may not do this. */
  notAllowed: 5,
  /** A defect of Switchyard itself. */
  defect: 70,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;

const usageCodes = new Set([
  'UsageError',
  'InvalidConfiguration',
  'ConfigurationUnreadable',
  'DataFolderUnknown',
  'AmbiguousName',
  'AmbiguousCommit',
  'SeveralPlatforms',
  'InvalidPrediction',
  'InvalidParameter',
  'InvalidCase',
  'InvalidExperiment',
  'InvalidLabels',
]);

/** The status for anything thrown. */
export function exitCodeOf(thrown: unknown): number {
  if (!isCodedError(thrown)) return exitCodes.defect;
  if (usageCodes.has(thrown.code)) return exitCodes.usage;
  if (thrown.code === 'ServerUnreachable') return exitCodes.unreachable;
  if (thrown.status === 404) return exitCodes.notFound;
  if (thrown.status === 401 || thrown.status === 403) return exitCodes.notAllowed;
  return exitCodes.problems;
}
