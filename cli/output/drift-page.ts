import type { ColumnDrift, DriftReport, SliceDrift } from '../../libraries/statistics/drift/index.ts';
import type { MultivariateDrift } from '../../libraries/statistics/multivariate/index.ts';
import { oneLine } from '../terminal.ts';
import { type BesideColumns, inOrder, remarks } from './drift-table.ts';
import { figure, percent } from './figures.ts';
import { multivariateRemarks } from './multivariate-table.ts';
import { driftedIn } from './slice-table.ts';

/** The same as one HTML page that needs nothing else: no script, no address. */
export function driftPage(
  { columns, dataset }: DriftReport,
  about: { readonly reference: string; readonly current: string },
  { slices = [], multivariate = [] }: BesideColumns = {},
): string {
  const { drifted, compared, share, threshold, alpha, correction, driftDetected, rows } = dataset;
  const title = driftDetected ? 'The dataset has drifted' : 'The dataset has not drifted';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Drift: ${htmlText(about.current)} against ${htmlText(about.reference)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1 class="${driftDetected ? 'drifted' : 'same'}">${title}</h1>
<p><b>${drifted}</b> of <b>${compared}</b> compared columns drifted: ${percent(share)}. The dataset has drifted from ${percent(threshold)} on.</p>
<dl>
<dt>Reference</dt><dd>${htmlText(about.reference)}, ${rows.reference} rows <i class="key reference"></i></dd>
<dt>Current</dt><dd>${htmlText(about.current)}, ${rows.current} rows <i class="key current"></i></dd>
<dt>A column drifts</dt><dd>where p, ${correction === 'none' ? 'not corrected' : `corrected by ${correction}`}, is below ${alpha} and the effect reaches its limit.</dd>
</dl>
<div class="wide">
<table>
<thead><tr><th>Column<th>Shares of the cells<th>Result<th>Test<th>Statistic<th>p<th>Effect<th>Limit<th>Remarks</thead>
<tbody>
${inOrder(columns).map(columnRow).join('\n')}
</tbody>
</table>
</div>
${bySlice(slices)}${together(multivariate)}</main>
</body>
</html>
`;
}

function bySlice(slices: readonly SliceDrift[]): string {
  if (slices.length === 0) return '';
  const rows = slices.map((one) => {
    const drifted = driftedIn(one);
    const { rows: count, compared } = one.dataset;
    return `<tr class="${drifted.length > 0 ? 'drifted' : 'same'}"><th scope="row">${htmlText(`${one.slice.column}=${one.slice.value}`)}<td>${count.reference} → ${count.current}<td>${one.dataset.drifted} of ${compared}<td class="remarks">${drifted.map(htmlText).join('<br>')}`;
  });
  return `<h2>Slices</h2>
<div class="wide">
<table>
<thead><tr><th>Slice<th>Rows<th>Drifted<th>Columns</thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</div>
`;
}

function together(found: readonly MultivariateDrift[]): string {
  if (found.length === 0) return '';
  const rows = found.map((one) => {
    const result = one.drifted === null ? one.status : one.drifted ? 'drifted' : 'no drift';
    const mark = one.drifted === null ? 'unknown' : one.drifted ? 'drifted' : 'same';
    return `<tr class="${mark}"><th scope="row">${one.method}<td class="result">${result}<td title="${htmlText(one.how ?? '')}">${figure(one.statistic)}<td>${figure(one.pValue)}<td title="${htmlText(one.effectName ?? '')}">${figure(one.effect)}<td>${figure(one.threshold)}<td class="remarks">${multivariateRemarks(one).map(htmlText).join('<br>')}`;
  });
  return `<h2>Columns together</h2>
<div class="wide">
<table>
<thead><tr><th>Method<th>Result<th>Statistic<th>p<th>Effect<th>Limit<th>Remarks</thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</div>
`;
}

function columnRow(column: ColumnDrift): string {
  const { drifted, status } = column;
  const result = drifted === null ? status : drifted ? 'drifted' : 'no drift';
  const mark = drifted === null ? 'unknown' : drifted ? 'drifted' : 'same';
  const missing = `missing ${percent(column.missing.reference)} → ${percent(column.missing.current)}`;
  const said = [...remarks(column)];
  if (!column.missing.drifted && column.missing.reference + column.missing.current > 0) said.unshift(missing);
  return `<tr class="${mark}"><th scope="row">${htmlText(column.column)}${column.role === 'input' ? '' : ` (${column.role})`}<td>${picture(column)}<td class="result">${htmlText(result)}<td title="${htmlText(column.method ?? '')}">${column.test ?? ''}<td>${figure(column.statistic)}<td>${figure(column.adjustedPValue)}<td title="${htmlText(column.effectName ?? '')}">${figure(column.effect)}<td>${figure(column.threshold)}<td class="remarks">${said.map(htmlText).join('<br>')}`;
}

const picked = { width: 220, height: 44 } as const;

/** A pair of bars a cell; each says its cell and shares when pointed at. */
function picture({ distribution, column }: ColumnDrift): string {
  if (distribution.length === 0) return '';
  const most = Math.max(...distribution.flatMap(({ reference, current }) => [reference, current]));
  const slot = picked.width / distribution.length;
  const bar = (share: number, x: number, name: string) => {
    const height = (share / most) * picked.height;
    return `<rect class="${name}" x="${x.toFixed(1)}" y="${(picked.height - height).toFixed(1)}" width="${(slot * 0.4).toFixed(1)}" height="${height.toFixed(1)}"/>`;
  };
  const bars = distribution.map(({ cell, reference, current }, at) => {
    const said = `${cell}: ${(100 * reference).toFixed(1)} % → ${(100 * current).toFixed(1)} %`;
    return `<g><title>${htmlText(said)}</title>${bar(reference, at * slot, 'reference')}${bar(current, at * slot + slot * 0.42, 'current')}</g>`;
  });
  return `<svg viewBox="0 0 ${picked.width} ${picked.height}" width="${picked.width}" height="${picked.height}" role="img" aria-label="Shares of ${htmlText(column)}">${bars.join('')}</svg>`;
}

function htmlText(foreign: string): string {
  return oneLine(foreign).replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

const style = `
:root{color-scheme:light dark;--ink:#1c2330;--dim:#5c6675;--line:#dfe3ea;--paper:#fff;--reference:#8a94a6;--current:#2f6fde;--bad:#b3261e;--good:#1b7f4b}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--dim:#9aa4b5;--line:#343c4a;--paper:#161b24;--reference:#76819a;--current:#6ea0ff;--bad:#ff8a80;--good:#66d19e}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1200px;margin:0 auto;padding:2rem 1rem}
h1{font-size:1.5rem;margin:0 0 .5rem}h1.drifted,tr.drifted .result{color:var(--bad)}h1.same{color:var(--good)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:var(--dim)}dd{margin:0}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin-top:1rem;font-size:.9rem}
th,td{text-align:left;padding:.5rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--dim);font-weight:500}td{font-variant-numeric:tabular-nums}
.result{font-weight:600;white-space:nowrap}tr.same .result,tr.unknown .result{color:var(--dim);font-weight:400}
.remarks{color:var(--dim);min-width:14rem}
rect.reference{fill:var(--reference)}rect.current{fill:var(--current)}
.key{display:inline-block;width:.8em;height:.8em;margin-left:.3em}.key.reference{background:var(--reference)}.key.current{background:var(--current)}
`;
