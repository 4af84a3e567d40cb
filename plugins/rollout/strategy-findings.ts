/** What is wrong, or doubtful, in a strategy. Pure. */
import { RE2JS } from 're2js';
import { type Finding, messageOf } from '../../core/plugin.ts';
import { parseByteSize } from '../../libraries/byte-size/index.ts';
import type { StrategySpec } from './course.ts';

export interface Deployed {
  /** Bytes of the declared version's artifact, where it is known. */
  readonly size: number | undefined;
  /** The versions of the model. */
  readonly versions: ReadonlySet<string>;
}

/** Pointers begin at the strategy. */
export function strategyFindings(strategy: StrategySpec, deployed: Deployed): readonly Finding[] {
  const { canary, blueGreen, shadow, abTest } = strategy;
  if (canary !== undefined) return canaryFindings(canary, deployed);
  if (blueGreen !== undefined) return blueGreenFindings(blueGreen);
  if (shadow !== undefined) return shadowFindings(shadow);
  return abTest === undefined ? [] : abTestFindings(abTest, deployed);
}

function warning(code: string, pointer: string, message: string, hint: string): Finding {
  return { code, pointer, severity: 'warning', message, hint };
}

function canaryFindings(canary: NonNullable<StrategySpec['canary']>, { size }: Deployed): Finding[] {
  const { steps, analysis, maxSurge } = canary;
  const findings: Finding[] = [];
  let weight = 0;
  for (const [index, step] of steps.entries()) {
    const at = `/canary/steps/${index}`;
    if (step.setMirror !== undefined && weight > 0) {
      findings.push({
        code: 'MirrorAfterWeight',
        pointer: `${at}/setMirror`,
        message: `a version that answers ${weight} % of the requests cannot be mirrored to as well`,
        hint: 'Put setMirror before the first setWeight.',
      });
    }
    if (step.setWeight === undefined) continue;
    if (step.setWeight <= weight && index > 0 && weight > 0) {
      const message = `the weight goes from ${weight} to ${step.setWeight}: a canary goes up`;
      findings.push(
        warning(
          'WeightsNotAscending',
          `${at}/setWeight`,
          message,
          'Let each weight be larger than the one before.',
        ),
      );
    }
    weight = step.setWeight;
  }
  const isJudged = steps.some(({ pause, analysis: judged }) => pause !== undefined || judged !== undefined);
  if (!isJudged && analysis === undefined) {
    const message = 'no step pauses or analyses, so all steps follow one another at once';
    findings.push(
      warning('NothingJudges', '/canary/steps', message, 'Add a pause or an analysis between two weights.'),
    );
  }
  if (analysis?.startingStep !== undefined && analysis.startingStep >= steps.length) {
    const message = `there are ${steps.length} steps, counted from 0, so this analysis never begins`;
    findings.push(
      warning(
        'AnalysisNeverBegins',
        '/canary/analysis/startingStep',
        message,
        `Choose at most ${steps.length - 1}.`,
      ),
    );
  }
  if (maxSurge !== undefined && size !== undefined && size > parseByteSize(maxSurge)!) {
    const message = `the declared version has ${size} bytes, more than maxSurge allows beside the one that answers`;
    findings.push(
      warning('SurgeExceeded', '/canary/maxSurge', message, 'Raise maxSurge, or deploy a smaller version.'),
    );
  }
  return findings;
}

function blueGreenFindings(spec: NonNullable<StrategySpec['blueGreen']>): Finding[] {
  const { autoPromotion = true, prePromotionAnalysis, postPromotionAnalysis } = spec;
  if (!autoPromotion || prePromotionAnalysis !== undefined || postPromotionAnalysis !== undefined) return [];
  const message =
    'nothing is asked before or after the new version takes over, so this is the strategy direct';
  const hint = 'Add an analysis, or autoPromotion: false for a human to promote.';
  return [warning('NothingJudges', '/blueGreen', message, hint)];
}

function shadowFindings({ duration, requests, analysis }: NonNullable<StrategySpec['shadow']>): Finding[] {
  const findings: Finding[] = [];
  if (duration === undefined && requests === undefined) {
    findings.push({
      code: 'ShadowWithoutEnd',
      pointer: '/shadow',
      message: 'neither a duration nor a number of requests says how long to watch',
      hint: 'Add duration, requests, or both.',
    });
  }
  if (analysis === undefined) {
    const message =
      'no analysis compares what the new version would have answered: only its failures to load stop it';
    findings.push(warning('NothingJudges', '/shadow', message, 'Add an analysis.'));
  }
  return findings;
}

function abTestFindings(abTest: NonNullable<StrategySpec['abTest']>, { versions }: Deployed): Finding[] {
  const { arms, assignment, match = [] } = abTest;
  const findings: Finding[] = [];
  const sum = arms.reduce((total, { share }) => total + share, 0);
  if (sum !== 100) {
    findings.push({
      code: 'SharesDoNotSum',
      pointer: '/abTest/arms',
      message: `the shares of the arms sum to ${sum}, not to 100`,
      hint: 'Share out 100 percent.',
    });
  }
  for (const needed of ['stable', 'candidate']) {
    if (arms.some(({ version }) => version === needed)) continue;
    findings.push({
      code: 'ArmMissing',
      pointer: '/abTest/arms',
      message: `no arm has the version ${needed}`,
      hint: `Add an arm with \`version: ${needed}\`.`,
    });
  }
  for (const [index, arm] of arms.entries()) {
    const at = `/abTest/arms/${index}`;
    for (const field of ['name', 'version'] as const) {
      if (arms.findIndex((other) => other[field] === arm[field]) === index) continue;
      findings.push({
        code: 'ArmTwice',
        pointer: `${at}/${field}`,
        message: `two arms have the ${field} ${arm[field]}`,
        hint: 'Every arm has a name and a version of its own.',
      });
    }
    if (/^\d/.test(arm.version) && !versions.has(arm.version)) {
      findings.push({
        code: 'ArmMissing',
        pointer: `${at}/version`,
        message: `the model has no version ${arm.version}`,
        hint: 'Name a version that is in the registry, `stable` or `candidate`.',
      });
    }
  }
  if (assignment === undefined) {
    const message = 'without an assignment single requests are compared, and one user sees both versions';
    findings.push(
      warning('AssignmentMissing', '/abTest', message, 'Add assignment: a header, a cookie or a key.'),
    );
  }
  for (const [index, rule] of match.entries()) {
    const at = `/abTest/match/${index}`;
    if (!arms.some(({ name }) => name === rule.arm)) {
      const names = arms.map(({ name }) => name).join(', ');
      findings.push({
        code: 'ArmMissing',
        pointer: `${at}/arm`,
        message: `there is no arm ${rule.arm}`,
        hint: `The arms are ${names}.`,
      });
    }
    for (const [place, condition] of rule.all.entries()) {
      findings.push(...conditionFindings(condition, `${at}/all/${place}`));
    }
  }
  return findings;
}

type MatchCondition = NonNullable<NonNullable<StrategySpec['abTest']>['match']>[number]['all'][number];

function conditionFindings({ header, query, equals, regex }: MatchCondition, at: string): Finding[] {
  if ((header === undefined) === (query === undefined) || (equals === undefined) === (regex === undefined)) {
    return [
      {
        code: 'MatchConditionUnclear',
        pointer: at,
        message: 'a condition reads one place and tests it in one way',
        hint: 'Write one of header and query, and one of equals and regex.',
      },
    ];
  }
  if (regex === undefined) return [];
  try {
    RE2JS.compile(regex);
    return [];
  } catch (error) {
    const message = `this is no regular expression of RE2: ${messageOf(error)}`;
    const hint = 'RE2 has no look-around and no back-references, so that its time cannot run away.';
    return [{ code: 'InvalidRegex', pointer: `${at}/regex`, message, hint }];
  }
}
