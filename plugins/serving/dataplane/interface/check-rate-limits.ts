import { amount, invalidRoutingTable, list, record, shown, text } from './table-values.ts';

/** Throws `InvalidRoutingTable`. */
export function checkRateLimits(value: unknown, at: string): void {
  for (const [index, entry] of list(value, at).entries()) {
    const where = `${at}/${index}`;
    const { key, perSecond, burst } = record(entry, where);
    if (amount(perSecond, `${where}/perSecond`) === 0)
      throw invalidRoutingTable(`${where}/perSecond`, 'must be more than 0');
    if (amount(burst, `${where}/burst`) < 1)
      throw invalidRoutingTable(`${where}/burst`, `must be 1 or more, is ${shown(burst)}`);
    if (key === undefined) continue;
    const sources = Object.entries(record(key, `${where}/key`));
    const [source] = sources;
    if (source === undefined || sources.length > 1 || !['header', 'cookie', 'query'].includes(source[0]))
      throw invalidRoutingTable(`${where}/key`, 'must have exactly one of header, cookie, query');
    text(source[1], `${where}/key/${source[0]}`);
  }
}
