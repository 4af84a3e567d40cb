import type { Logger } from '../../../core/plugin.ts';

export interface RecordingLog extends Logger {
  readonly lines: { readonly level: string; readonly facts: object; readonly message: string }[];
}

/** A log that keeps its lines for the test to read. */
export function recordingLog(): RecordingLog {
  const lines: RecordingLog['lines'] = [];
  const at = (level: string) => (facts: object, message: string) =>
    void lines.push({ level, facts, message });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
