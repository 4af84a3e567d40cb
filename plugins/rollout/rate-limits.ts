import type { RateLimit } from '../../core/capabilities/serving-runtime.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';

type Declared = NonNullable<NonNullable<DeploymentSpec['limits']>['rates']>;

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

/** Rates as an inference process counts: `600/m` is ten a second. Without a burst, as many may come at once as in a second, but one at least. */
export function rateLimits(declared: Declared): readonly RateLimit[] {
  return declared.map(({ key, rate, burst }) => {
    const [count = '', unit = ''] = rate.split('/');
    const perSecond = Number(count) / secondsOf[unit]!;
    return {
      ...(key === undefined ? {} : { key }),
      perSecond,
      burst: burst ?? Math.max(1, Math.ceil(perSecond)),
    };
  });
}

/** For a plan. */
export function ratesInWords(declared: Declared | undefined): string {
  if (declared === undefined || declared.length === 0) return 'none';
  return declared
    .map(({ key = {}, rate, burst }) => {
      const [source] = Object.entries(key);
      const by = source === undefined ? '' : ` by ${source[0]} ${source[1]}`;
      return `${rate}${by}${burst === undefined ? '' : `, bursts of ${burst}`}`;
    })
    .join('; ');
}
