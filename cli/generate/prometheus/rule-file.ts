/** Prometheus rule files: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ */

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly (AlertingRule | RecordingRule)[];
}

/** The name of a label or an annotation as Prometheus takes it. */
export function labelName(name: string): string {
  const known = name.replaceAll(/[^a-zA-Z0-9_]/g, '_');
  return /^\d/.test(known) ? `_${known}` : known;
}

/** A text as a string of PromQL. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A text that annotations show as it stands: Prometheus takes `{{` for the beginning of a template. */
export function literally(text: string): string {
  return text.replaceAll('{{', '{{"{{"}}');
}

/** A duration as Prometheus writes it: the same units, and no part of a millisecond. */
export function promDuration(milliseconds: number): string {
  const whole = Math.max(1, Math.round(milliseconds));
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const;
  for (const [unit, size] of units) if (whole % size === 0) return `${whole / size}${unit}`;
  return `${whole}ms`;
}
