/** Grafana dashboards in the classic JSON model: what a panel shows is said once (`panel.ts`), and where it stands is reckoned. */
import { createHash } from 'node:crypto';
import { datasource, type Graph, panel } from './panel.ts';

/** From Grafana 11 on. */
const schemaVersion = 39;
const columns = 24;

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
