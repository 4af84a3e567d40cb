import { type Logger as PinoLogger, pino } from 'pino';

export interface LogOptions {
  readonly level: string;
  /** Which process speaks: `control`, `inference-0`. */
  readonly name: string;
}

/** Names of fields that never hold anything readable, wherever in a line they stand one or two levels deep. */
const secretFields = ['token', 'password', 'secret', 'authorization', 'apiKey', 'credentials'];

/**
 * One JSON object a line on standard error; `switchyard up` makes it readable on a terminal. Fields whose name says that
 * they hold a secret are written as `[redacted]`.
 */
export function createLogger({ level, name }: LogOptions): PinoLogger {
  const options = {
    level,
    name,
    base: { name },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: {
      paths: secretFields.flatMap((field) => [field, `*.${field}`, `headers.${field}`]),
      censor: '[redacted]',
    },
  };
  return pino(options, pino.destination({ dest: 2, sync: true }));
}
