/** Grafana dashboards in the classic JSON model: what a panel shows is said once, and where it stands is reckoned. */
import { createHash } from 'node:crypto';

/** From Grafana 11 on. */
const schemaVersion = 39;
const columns = 24;

/** Whoever imports a dashboard chooses which Prometheus it asks. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
const datasource = { type: 'prometheus', uid: '${datasource}' } as const;

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

export interface Row {
  readonly title: string;
  readonly graphs: readonly Graph[];
}

/** What the reader chooses by. */
export type Variable =
  /** The values of a label. */
  | { readonly name: string; readonly label: string; readonly metric: string; readonly of?: string }
  /** Values that are known. */
  | { readonly name: string; readonly label: string; readonly values: readonly string[] }
  /** A number to be typed in. */
  | { readonly name: string; readonly label: string; readonly typed: string };

export interface DashboardSketch {
  /** `overview`; the file and the address are called after it. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

export interface Dashboard {
  readonly file: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export function dashboard(sketch: DashboardSketch): Dashboard {
  const { name, title, description, variables, rows } = sketch;
  return {
    file: `${name}.json`,
    content: {
      uid: uidOf(`switchyard-${name}`),
      title: `Switchyard / ${title}`,
      description,
      tags: ['switchyard'],
      schemaVersion,
      version: 1,
      editable: true,
      graphTooltip: 1,
      timezone: 'browser',
      refresh: '30s',
      time: { from: 'now-6h', to: 'now' },
      timepicker: {},
      annotations: { list: [] },
      links: [
        {
          type: 'dashboards',
          title: 'Switchyard',
          tags: ['switchyard'],
          asDropdown: true,
          includeVars: true,
          keepTime: true,
          icon: 'external link',
          targetBlank: false,
          tooltip: '',
          url: '',
        },
      ],
      templating: { list: [datasourceVariable, ...variables.map(variable)] },
      panels: laidOut(rows),
    },
  };
}

/** Grafana takes 40 characters; what is longer is told apart by its digest. */
function uidOf(name: string): string {
  if (name.length <= 40) return name;
  return `${name.slice(0, 31)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

const datasourceVariable = {
  name: 'datasource',
  label: 'Prometheus',
  type: 'datasource',
  query: 'prometheus',
  current: { text: '', value: '' },
  hide: 0,
  includeAll: false,
  multi: false,
  refresh: 1,
  regex: '',
};

function variable(given: Variable): object {
  const common = { name: given.name, label: given.label, hide: 0 };
  if ('typed' in given) {
    const current = { text: given.typed, value: given.typed };
    return {
      ...common,
      type: 'textbox',
      query: given.typed,
      current,
      options: [{ ...current, selected: true }],
    };
  }
  const chosen = { includeAll: true, multi: true, current: { text: ['All'], value: ['$__all'] } };
  if ('values' in given) {
    const query = given.values.join(',');
    const options = [
      { text: 'All', value: '$__all', selected: true },
      ...given.values.map((value) => ({ text: value, value, selected: false })),
    ];
    return { ...common, ...chosen, type: 'custom', query, options };
  }
  const query = `label_values(${given.metric}, ${given.of ?? given.name})`;
  return {
    ...common,
    ...chosen,
    type: 'query',
    datasource,
    definition: query,
    query: { query, refId: 'StandardVariableQuery' },
    refresh: 2,
    regex: '',
    sort: 1,
    options: [],
  };
}

/** Rows below each other; in a row from left to right, and on a new line where there is no more room. */
function laidOut(rows: readonly Row[]): readonly object[] {
  const panels: object[] = [];
  let id = 1;
  let y = 0;
  for (const { title, graphs } of rows) {
    panels.push({
      id: id++,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: columns, h: 1 },
    });
    y += 1;
    let x = 0;
    let tallest = 0;
    for (const graph of graphs) {
      const { width, height = graph.type === 'stat' ? 4 : 8 } = graph;
      if (x + width > columns) {
        y += tallest;
        x = 0;
        tallest = 0;
      }
      panels.push(panel(graph, id++, { x, y, w: width, h: height }));
      x += width;
      tallest = Math.max(tallest, height);
    }
    y += tallest;
  }
  return panels;
}

function panel(graph: Graph, id: number, gridPos: object): object {
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
        footer: { show: false, reducer: ['sum'], fields: '' },
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
