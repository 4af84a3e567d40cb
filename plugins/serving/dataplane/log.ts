/** How the data plane logs: a static message, and facts as fields. At `info`, unless told otherwise. */
export type Log = (
  message: string,
  facts: Record<string, unknown>,
  level?: 'debug' | 'info' | 'warn',
) => void;
