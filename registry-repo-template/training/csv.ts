/**
 * Reads a CSV text as records by column name. The files here hold no quoted fields; a quote is refused rather than
 * misread, and so is a row whose number of fields differs from the header's.
 */
export function parseCsv(text: string, name: string): Record<string, string>[] {
  const [header, ...lines] = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const columns = (header ?? '').split(',');
  return lines.map((line, index) => {
    const where = `${name}:${index + 2}`;
    if (line.includes('"')) throw new Error(`${where}: quoted fields are not supported`);
    const fields = line.split(',');
    if (fields.length !== columns.length) {
      throw new Error(`${where}: ${fields.length} fields, the header names ${columns.length}`);
    }
    return Object.fromEntries(columns.map((column, position) => [column, fields[position] ?? '']));
  });
}
