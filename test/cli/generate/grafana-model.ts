/**
 * Grafana's classic model of a dashboard, as strict as its own types allow: the options of each sort of panel beside what all have in
 * common. Dashboards are JSON, so that enumerations are their values.
 */
import type {
  Dashboard as Classic,
  FieldConfigSource,
  Panel,
  RowPanel,
  VariableModel,
} from '@grafana/schema';
import type { Options as BarGauge } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type { Options as Stat } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as timeline from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as lines from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

type Json<T> = unknown extends T
  ? T
  : T extends string
    ? `${T}`
    : T extends number
      ? number
      : T extends readonly (infer Item)[]
        ? Json<Item>[]
        : T extends object
          ? { [Key in keyof T]: Json<T[Key]> }
          : T;

type Drawn<Type extends string, Options, Custom> = Omit<Panel, 'type' | 'options' | 'fieldConfig'> & {
  readonly type: Type;
  readonly options: Options;
  readonly fieldConfig: FieldConfigSource<Partial<Custom>>;
};

type Panels =
  | Drawn<'timeseries', lines.Options, lines.FieldConfig>
  | Drawn<'stat', Stat, object>
  | Drawn<'table', table.Options, table.FieldConfig>
  | Drawn<'bargauge', BarGauge, object>
  | Drawn<'state-timeline', timeline.Options, timeline.FieldConfig>
  | (Omit<RowPanel, 'type'> & { readonly type: 'row' });

/** `definition` is in what Grafana exports of a variable, and not in its types. */
interface Templating {
  readonly list: readonly (VariableModel & { readonly definition?: string })[];
}

export type Dashboard = Json<
  Omit<Classic, 'panels' | 'templating'> & { readonly panels: Panels[]; readonly templating: Templating }
>;
