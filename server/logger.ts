import { type Logger as PinoLogger, pino } from 'pino';

export interface LogOptions {
  readonly level: string;
  /** Which process speaks: `control`, `inference-0`. */
  readonly name: string;
  /** What else a line says, by what it says. */
  readonly facts?: (line: object) => object;
}

/** Names of fields that never hold anything readable, wherever in a line they stand one or two levels deep. */
const secretFields = ['token', 'password', 'secret', 'authorization', 'apiKey', 'credentials'];

/**
 * One JSON object a line on standard error; `switchyard up` makes it readable on a terminal. Fields whose name says that
 * they hold a secret are written as `[redacted]`.
 */
export function createLogger({ level, name, facts }: LogOptions): PinoLogger {
  const options = {
    level,
    name,
    base: { name },
    ...(facts === undefined ? {} : { mixin: facts }),
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: {
      paths: secretFields.flatMap((field) => [field, `*.${field}`, `headers.${field}`]),
      censor: '[redacted]',
    },
  };
  return pino(options, pino.destination({ dest: 2, sync: true }));
}
