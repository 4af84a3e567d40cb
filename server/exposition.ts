/**
 * The forms in which metrics are handed out. Plugins write Prometheus text exposition, in which buckets of histograms may have exemplars as
 * OpenMetrics writes them: those that take no OpenMetrics get the same page without.
 */

/** A sample of a bucket with its exemplar; labels may hold whatever is quoted. */
const exemplified = /^(\w+_bucket\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\} \S+) # \{.*$/;

/** Prometheus text exposition, as all of its readers understand it. */
export function withoutExemplars(page: string): string {
  if (!page.includes(' # {')) return page;
  return page
    .split('\n')
    .map((line) => (line.startsWith('#') ? line : line.replace(exemplified, '$1')))
    .join('\n');
}

/** OpenMetrics 1.0. Names of series and their labels stay as they are, so that nothing changes with the form that is asked for. */
export function openMetrics(page: string): string {
  const types = new Map<string, string>();
  for (const [, name = '', type = ''] of page.matchAll(/^# TYPE (\S+) (\S+)$/gm)) types.set(name, type);
  const lines: string[] = [];
  for (const line of page.split('\n')) {
    const [, what, name = '', said = ''] = /^# (TYPE|HELP) (\S+) ?(.*)$/.exec(line) ?? [];
    if (what === undefined) {
      if (line !== '' && !line.startsWith('#')) lines.push(line);
      continue;
    }
    const type = types.get(name);
    const isCounter = type === 'counter' && name.endsWith('_total');
    const family = isCounter ? name.slice(0, -'_total'.length) : name;
    if (what === 'HELP') lines.push(`# HELP ${family} ${said.replaceAll('"', '\\"')}`);
    // A counter that is not called so cannot be one there.
    else lines.push(`# TYPE ${family} ${type === 'counter' && !isCounter ? 'unknown' : knownType(said)}`);
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

function knownType(type: string): string {
  return type === 'untyped' ? 'unknown' : type;
}

/** Whether a client would rather have OpenMetrics, by its Accept header. */
export function prefersOpenMetrics(accept: string | null): boolean {
  const asked = (accept ?? '').split(',').map(mediaRange);
  const weightOf = (...types: readonly string[]) =>
    Math.max(0, ...asked.flatMap(({ type, weight }) => (types.includes(type) ? [weight] : [])));
  const wanted = weightOf('application/openmetrics-text');
  return wanted > 0 && wanted >= weightOf('text/plain', 'text/*');
}

function mediaRange(text: string): { readonly type: string; readonly weight: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1);
  return { type, weight: Number.isFinite(weight) ? weight : 0 };
}
