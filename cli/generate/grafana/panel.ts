/** A panel of a dashboard, as Grafana's JSON has it. */

/** Whoever imports a dashboard chooses which Prometheus it asks. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
export const datasource = { type: 'prometheus', uid: '${datasource}' } as const;

export interface Query {
  readonly expr: string;
  /** How a series is called: `{{deployment}}`. */
  readonly legend?: string;
}

export interface Graph {
  readonly type: 'timeseries' | 'stat' | 'table' | 'bargauge' | 'state-timeline';
  readonly title: string;
  readonly description: string;
  /** Of a table: how the values of each query are called. */
  readonly columns?: readonly string[];
  /** As Grafana calls it: `percentunit`, `s`, `bytes`, `reqps`. */
  readonly unit?: string;
  readonly queries: readonly Query[];
  readonly width: number;
  readonly height?: number;
  readonly stacked?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** From which value on it is yellow, and red. */
  readonly limits?: { readonly yellow?: number; readonly red: number };
  /** Where less is worse: red below the first, yellow below the second. */
  readonly floors?: { readonly red: number; readonly yellow?: number };
  /** Words for values. */
  readonly words?: Readonly<Record<string, readonly [text: string, color: string]>>;
}

export function panel(graph: Graph, id: number, gridPos: object): object {
  const { type, title, description, queries } = graph;
  const isNow = type === 'stat' || type === 'table' || type === 'bargauge';
  return {
    id,
    type,
    title,
    description,
    datasource,
    gridPos,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      editorMode: 'code',
      expr,
      legendFormat: legend ?? '__auto',
      range: !isNow,
      instant: isNow,
      ...(type === 'table' ? { format: 'table' } : {}),
    })),
    fieldConfig: { defaults: fieldDefaults(graph), overrides: [] },
    options: optionsOf(graph),
    ...(type === 'table' ? { transformations: tidied(graph.columns ?? []) } : {}),
  };
}

function fieldDefaults({ type, unit, min, max, limits, floors, words, stacked }: Graph): object {
  const steps =
    limits !== undefined
      ? [
          { color: 'green', value: null },
          ...(limits.yellow === undefined ? [] : [{ color: 'yellow', value: limits.yellow }]),
          { color: 'red', value: limits.red },
        ]
      : floors !== undefined
        ? [
            { color: 'red', value: null },
            ...(floors.yellow === undefined ? [] : [{ color: 'yellow', value: floors.red }]),
            { color: 'green', value: floors.yellow ?? floors.red },
          ]
        : [{ color: type === 'stat' ? 'text' : 'green', value: null }];
  return {
    ...(unit === undefined ? {} : { unit }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    color: { mode: type === 'timeseries' ? 'palette-classic' : 'thresholds' },
    thresholds: { mode: 'absolute', steps },
    mappings: words === undefined ? [] : [{ type: 'value', options: mapped(words) }],
    custom:
      type === 'timeseries'
        ? drawn(stacked === true)
        : type === 'table'
          ? { align: 'auto', inspect: false }
          : {},
  };
}

function mapped(words: NonNullable<Graph['words']>): object {
  return Object.fromEntries(
    Object.entries(words).map(([value, [text, color]], index) => [value, { text, color, index }]),
  );
}

function drawn(isStacked: boolean): object {
  return {
    drawStyle: 'line',
    lineInterpolation: 'linear',
    lineWidth: 1,
    fillOpacity: isStacked ? 60 : 8,
    showPoints: 'never',
    spanNulls: false,
    stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
  };
}

function optionsOf({ type }: Graph): object {
  const reduceOptions = { calcs: ['lastNotNull'], fields: '', values: false };
  switch (type) {
    case 'timeseries':
      return {
        legend: {
          displayMode: 'table',
          placement: 'bottom',
          showLegend: true,
          calcs: ['lastNotNull', 'max'],
        },
        tooltip: { mode: 'multi', sort: 'desc' },
      };
    case 'stat':
      return {
        reduceOptions,
        colorMode: 'value',
        graphMode: 'none',
        textMode: 'auto',
        justifyMode: 'auto',
        orientation: 'auto',
        wideLayout: true,
        showPercentChange: false,
        percentChangeColorMode: 'standard',
      };
    case 'bargauge':
      return {
        reduceOptions,
        displayMode: 'gradient',
        valueMode: 'color',
        namePlacement: 'auto',
        orientation: 'horizontal',
        showUnfilled: true,
        sizing: 'auto',
        minVizWidth: 8,
        minVizHeight: 16,
        maxVizHeight: 300,
        legend: { displayMode: 'list', placement: 'bottom', showLegend: false, calcs: [] },
      };
    case 'state-timeline':
      return {
        mergeValues: true,
        showValue: 'never',
        rowHeight: 0.8,
        alignValue: 'left',
        legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
        tooltip: { mode: 'single', sort: 'none' },
      };
    case 'table':
      return {
        showHeader: true,
        frameIndex: 0,
        cellHeight: 'sm',
      };
  }
}

/** A table of labels and values, without the columns that only Prometheus needs. */
function tidied(names: readonly string[]): readonly object[] {
  const renameByName = Object.fromEntries(
    names.map((name, index) => [`Value #${String.fromCharCode(65 + index)}`, name]),
  );
  const excludeByName = { Time: true, __name__: true, job: true, instance: true };
  return [
    { id: 'merge', options: {} },
    { id: 'organize', options: { excludeByName, indexByName: {}, renameByName } },
  ];
}
