/** A table of markdown; cells are texts of ours and of manifests, in which a bar or a line break would end the cell. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll('|', '\\|')
    .slice(0, 300);
}

/** `+0.017`, `−0.004`: with a true minus sign. */
export function signed(value: number, digits = 3): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '−' : '+'}${text}`;
}

export function interval({ low, high }: { readonly low: number; readonly high: number }, digits = 3): string {
  return `[${signed(low, digits)}, ${signed(high, digits)}]`;
}

/** `45 µs`, `1.3 ms`, `2.1 s`. */
export function duration(ms: number): string {
  if (ms < 1) return `${(ms * 1000).toPrecision(ms < 0.01 ? 2 : 3)} µs`;
  return ms < 1000 ? `${ms.toPrecision(3)} ms` : `${(ms / 1000).toPrecision(3)} s`;
}
