/** Whether data is what its dataset promises, told of a profile alone. */
export type {
  Expectations,
  ExpectedColumn,
  QualityFinding,
  QualityRule,
  QualityStatus,
} from './finding.ts';
export { judgeQuality, type QualityOptions } from './judge-quality.ts';
