import type { DuckDBConnection } from '@duckdb/node-api';
import { rowsOf, text } from '../duck.ts';

/** The files that a SELECT would read, by what it says of date, environment and deployment. None where DuckDB does not say. */
export async function filesOfPlan(connection: DuckDBConnection, sql: string): Promise<readonly string[]> {
  const found = new Set<string>();
  try {
    const [row] = await rowsOf<{ readonly plan: string }>(
      connection,
      `SELECT json_serialize_plan(${text(sql)}, optimize := true)::VARCHAR AS plan`,
    );
    collect(JSON.parse(row?.plan ?? '{}'), found);
  } catch {
    // Whoever reads finds out, one file after the other.
  }
  return [...found];
}

function collect(node: unknown, found: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  const { function_data: read } = node as { readonly function_data?: { readonly files?: unknown } };
  if (Array.isArray(read?.files))
    for (const file of read.files) if (typeof file === 'string') found.add(file);
  for (const child of Object.values(node)) collect(child, found);
}
