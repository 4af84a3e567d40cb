import type { DuckDBConnection } from '@duckdb/node-api';
import { logQueryTooLong } from '../../../core/capabilities/prediction-sink-errors.ts';

/** Until a word that came too early to be heard is said again. */
const sayAgainMs = 100;

/**
 * Reads on a connection until it takes too long, or nobody waits for it any more. Throws `LogQueryTooLong`, or why nobody waits.
 */
export async function inTime<Answer>(
  connection: DuckDBConnection,
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal },
  read: () => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted();
  let isLate = false;
  let again: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    // DuckDB forgets it where a statement is prepared and not begun.
    again ??= setInterval(() => connection.interrupt(), sayAgainMs);
  };
  const late = setTimeout(() => {
    isLate = true;
    interrupt();
  }, ms);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    return await read();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw isLate ? logQueryTooLong(`it took longer than ${ms} ms`) : error;
  } finally {
    clearTimeout(late);
    clearInterval(again);
    signal.removeEventListener('abort', interrupt);
  }
}
