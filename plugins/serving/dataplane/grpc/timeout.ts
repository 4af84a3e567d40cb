const millisecondsOf: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** Milliseconds of a `grpc-timeout`: `250m` is 250 of them. Undefined where there is none, `malformed` where it cannot be read. */
export function timeoutOf(header: string | readonly string[] | undefined): number | 'malformed' | undefined {
  if (header === undefined) return undefined;
  const parts = typeof header === 'string' ? /^(\d{1,8})\s*([HMSmun])$/.exec(header) : null;
  return parts === null ? 'malformed' : Number(parts[1]) * millisecondsOf[parts[2]!]!;
}
