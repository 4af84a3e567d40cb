/** The columns of the log: of what is in memory, of the files, and of the views that queries see. */

/** In the path of a file, and so in none of its columns. */
export const partitionColumns = ['date', 'environment', 'deployment'] as const;

export const predictionColumns = {
  id: 'VARCHAR',
  row: 'INTEGER',
  time: 'TIMESTAMP',
  model: 'VARCHAR',
  version: 'VARCHAR',
  variant: 'VARCHAR',
  commit: 'VARCHAR',
  tenant: 'VARCHAR',
  subject: 'VARCHAR',
  inputs: 'JSON',
  outputs: 'JSON',
  latency_ms: 'DOUBLE',
  outlier: 'DOUBLE',
  trace: 'VARCHAR',
  process: 'VARCHAR',
} as const;

export const labelColumns = {
  id: 'VARCHAR',
  row: 'INTEGER',
  label: 'JSON',
  received: 'TIMESTAMP',
} as const;

export const tables = { predictions: predictionColumns, labels: labelColumns } as const;
export type TableName = keyof typeof tables;

/** What is in memory bears the name of the file that it came from. */
export function createRecent(table: TableName): string {
  const columns = Object.entries(tables[table]).map(([name, type]) => `${name} ${type}`);
  return `CREATE TABLE recent_${table} (source VARCHAR, date DATE, environment VARCHAR, deployment VARCHAR, ${columns.join(', ')})`;
}

/** Lists of files, as SQL writes them: those with all columns of the table, and older ones that lack `outlier`. */
export interface StoredLists {
  readonly whole: string | undefined;
  readonly older: string | undefined;
}

/** The view of what is in memory and in these files. */
export function createView(table: TableName, { whole, older }: StoredLists): string {
  const own = Object.entries(tables[table]);
  const names = [...partitionColumns, ...own.map(([name]) => name)].join(', ');
  const parts = [`SELECT ${names} FROM recent_${table}`];
  const types = "{'date': DATE, 'environment': VARCHAR, 'deployment': VARCHAR}";
  for (const [files, lacks] of [
    [whole, []],
    [older, ['outlier']],
  ] as const) {
    if (files === undefined) continue;
    const read = own.map(([name, type]) => {
      if (lacks.some((one) => one === name)) return `NULL::${type} AS ${name}`;
      return type === 'JSON' ? `${name}::JSON AS ${name}` : name;
    });
    parts.push(
      `SELECT ${[...partitionColumns, ...read].join(', ')} FROM read_parquet(${files}, hive_partitioning = true, hive_types = ${types})`,
    );
  }
  return `CREATE OR REPLACE VIEW ${table} AS ${parts.join(' UNION ALL ')}`;
}

/** Predictions with what turned out to be true of them: the label that came last counts. */
export const createLabelled = `CREATE OR REPLACE VIEW labelled AS
  SELECT p.*, l.label, l.received FROM predictions p JOIN (
    SELECT id, row, environment, deployment, arg_max(label, received) AS label, max(received) AS received
    FROM labels GROUP BY ALL
  ) l USING (id, row, environment, deployment)`;
