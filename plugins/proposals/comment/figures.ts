/** A time as people say it: `0.4 s`, `12 s`, `3 min`. */
export function seconds(milliseconds: number): string {
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (milliseconds < 90_000) return `${Math.round(milliseconds / 1000)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}

/** A measurement with four digits that count. */
export function figure(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** A difference with its sign: `+0.017`, `−0.02`, `±0`. */
export function difference(before: number, after: number): string {
  const by = Number((after - before).toPrecision(4));
  if (by === 0) return '±0';
  return by > 0 ? `+${by}` : `−${Math.abs(by)}`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
