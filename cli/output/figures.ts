/** A number with three digits that count; nothing where there is none. */
export function figure(value: number | null): string {
  return value === null ? '' : String(Number(value.toPrecision(3)));
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
