import type { LoggingRules, OutlierRule, Redaction } from '../../core/capabilities/serving-runtime.ts';
import type { Finding, Resource } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { outlierFindings } from './logging-outliers.ts';

type Logging = DeploymentSpec['logging'];

/** What the runtime is told of a deployment's logging; undefined where nothing is to be kept. */
export function loggingRules(logging: Logging, outliers?: readonly OutlierRule[]): LoggingRules | undefined {
  if (logging === undefined || logging.sample === 0) return undefined;
  const { sample = 1, tenant, subject } = logging;
  const { input } = subject ?? {};
  return {
    sample,
    redact: redactions(logging),
    ...(tenant === undefined ? {} : { tenant }),
    ...(subject === undefined ? {} : { subject: input === undefined ? subject : { input } }),
    ...(outliers === undefined ? {} : { outliers }),
  };
}

function redactions({ redact = [] }: NonNullable<Logging>): readonly Redaction[] {
  return redact.map((one): Redaction => {
    if (typeof one === 'string') return { name: one, by: 'drop' };
    const { name, by, width } = one;
    // A bucket without a width is an error of the manifest; until it is mended, nothing of the column is kept.
    if (by === 'bucket') return width === undefined ? { name, by: 'drop' } : { name, by, width };
    return { name, by };
  });
}

/** What is kept of predictions, in the words of a plan: a reviewer is to see what is kept that was not before. */
export function loggingInWords({ logging }: Pick<DeploymentSpec, 'logging'>): string {
  if (logging === undefined) return 'nothing';
  const { sample = 1, retain = '30d', feedbackFor, tenant, subject, redact = [] } = logging;
  const words = [`${Math.round(sample * 1e6) / 1e4} % for ${retain}`];
  const redacted = redact.map((one) => {
    if (typeof one === 'string') return one;
    return one.by === 'drop'
      ? one.name
      : `${one.name} by ${one.by}${one.width === undefined ? '' : ` ${one.width}`}`;
  });
  if (redacted.length > 0) words.push(`without ${redacted.join(', ')}`);
  for (const [what, source] of [
    ['tenant', tenant],
    ['subject', subject],
  ] as const) {
    const [place] = Object.entries(source ?? {});
    if (place !== undefined) words.push(`${what} by ${place.join(' ')}`);
  }
  if (feedbackFor !== undefined) words.push(`labels for ${feedbackFor}`);
  if (logging.outliers !== undefined) words.push(`outliers by ${logging.outliers.reference}`);
  return words.join('; ');
}

/** What is wrong with a deployment's logging: a redaction that reaches nothing would keep what nobody wanted kept. */
export function loggingFindings(
  deployment: Resource<DeploymentSpec>,
  versions: readonly Resource<ModelVersionSpec>[],
): readonly Finding[] {
  const { logging, model } = deployment.spec;
  if (logging === undefined) return [];
  const findings: Finding[] = [];
  const signatures = versions.map(({ spec }) => spec.signature);
  const inputs = new Map(
    signatures.flatMap((one) => one.inputs.map(({ name, datatype }) => [name, datatype])),
  );
  const all = new Map([
    ...inputs,
    ...signatures.flatMap((one) => one.outputs.map(({ name, datatype }) => [name, datatype] as const)),
  ]);
  findings.push(...outlierFindings(deployment, inputs));
  const seen = new Set<string>();
  for (const [index, one] of (logging.redact ?? []).entries()) {
    const { name, by, width } = typeof one === 'string' ? { name: one, by: 'drop', width: undefined } : one;
    const pointer = `/spec/logging/redact/${index}`;
    if (seen.has(name)) {
      findings.push({
        code: 'RedactionTwice',
        pointer,
        message: `${name} is redacted twice`,
        hint: 'Keep one of them.',
      });
    }
    seen.add(name);
    if (!all.has(name)) {
      findings.push({
        code: 'RedactionWithoutEffect',
        pointer,
        message: `no version of ${model} has an input or output called ${name}`,
        hint: `There are: ${[...all.keys()].join(', ')}.`,
      });
    }
    if (by === 'bucket' && (width === undefined || all.get(name) === 'BYTES')) {
      const message =
        width === undefined ? 'a bucket needs its width' : `${name} is text, and text has no buckets`;
      const hint = width === undefined ? 'Add width: 10.' : 'Write by: hash, or by: drop.';
      findings.push({ code: 'RedactionWithoutEffect', pointer, message, hint });
    }
    if (by !== 'bucket' && width !== undefined) {
      const message = `width means nothing where ${name} is redacted by ${by}`;
      findings.push({
        code: 'RedactionWithoutEffect',
        pointer,
        message,
        hint: 'Remove width, or write by: bucket.',
      });
    }
  }
  const input = logging.subject?.input;
  if (input !== undefined && !inputs.has(input)) {
    findings.push({
      code: 'UnknownInput',
      pointer: '/spec/logging/subject/input',
      message: `no version of ${model} has an input called ${input}`,
      hint: `There are: ${[...inputs.keys()].join(', ')}.`,
    });
  }
  return findings;
}
