/** The routes of the plugin `monitors`, as the command line asks them. */

import { codeOf } from '../../core/errors.ts';
import type { ColumnDrift, DatasetDrift } from '../../libraries/statistics/drift/index.ts';
import type { MultivariateDrift } from '../../libraries/statistics/multivariate/index.ts';
import type { ConfidenceEstimate, Measured } from '../../libraries/statistics/performance/index.ts';
import { type ApiOptions, connect } from '../client/api.ts';
import { monitorsMissing } from '../client/errors.ts';
import type { Terminal } from '../terminal.ts';

export type ShownStatus = 'pending' | 'ok' | 'warning' | 'breached' | 'inconclusive' | 'noData' | 'error';

export interface ShownMonitor {
  readonly name: string;
  readonly target: { readonly environment: string; readonly deployment: string };
  readonly status: ShownStatus;
  readonly message: string;
  readonly rows: number | null;
  readonly isBreached: boolean;
  readonly since: string | null;
  readonly lastRun: string | null;
  readonly next: string | null;
  readonly nextRunBy: string;
}

export interface ShownPart {
  readonly status: ShownStatus;
  readonly reason: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What the part `drift` has to show. */
export interface DriftDetails {
  readonly dataset?: DatasetDrift;
  readonly columns?: readonly ColumnDrift[];
  readonly left?: readonly { readonly column: string; readonly reason: string }[];
  readonly slices?: readonly {
    readonly slice: string;
    readonly status: ShownStatus;
    readonly rows: number;
    readonly drifted?: number;
    readonly compared?: number;
    readonly names?: readonly string[];
    /** Why nothing of it was compared. */
    readonly message?: string;
  }[];
  /** Of the inputs together. */
  readonly together?: readonly MultivariateDrift[];
  readonly overTime?: {
    readonly signals: Readonly<Record<string, string>>;
    readonly seen: number;
    readonly evidence: number;
  };
}

/** What the part `performance` has to show. */
export interface PerformanceDetails {
  readonly measured?: Measured | null;
  readonly estimated?: ConfidenceEstimate | null;
  readonly slices?: readonly {
    readonly column: string;
    readonly slice: string;
    readonly measured: Measured;
  }[];
}

export interface MonitorView extends ShownMonitor {
  readonly verdict: {
    readonly at: string;
    readonly version: string;
    readonly window: { readonly from: string; readonly to: string; readonly rows: number | null };
    readonly parts: Readonly<Record<string, ShownPart>>;
  } | null;
  readonly failure: {
    readonly at: string;
    readonly code: string;
    readonly message: string;
    readonly times: number;
  } | null;
  readonly proposal: {
    readonly state: string;
    readonly number?: number;
    readonly version: string;
    readonly message?: string;
  } | null;
  readonly history: readonly {
    readonly run: string;
    readonly status: ShownStatus;
    readonly reason: string;
    readonly rows: number | null;
    readonly facts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }[];
}

export interface Monitoring {
  all(): Promise<readonly ShownMonitor[]>;
  one(name: string): Promise<MonitorView>;
  /** Lets it check now. */
  run(name: string): Promise<MonitorView>;
}

/** Throws `MonitorsMissing` where the platform does not run the plugin. */
export async function connectMonitoring(options: ApiOptions, terminal: Terminal): Promise<Monitoring> {
  const api = await connect(options, terminal);
  const asked = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      if (codeOf(error) === 'NoSuchRoute') throw monitorsMissing(api.url);
      throw error;
    }
  };
  const path = (name: string) => `/plugins/monitors/monitors/${encodeURIComponent(name)}`;
  return {
    all: async () =>
      (await asked(api.get<{ items: readonly ShownMonitor[] }>('/plugins/monitors/monitors'))).items,
    one: (name) => asked(api.get<MonitorView>(path(name))),
    run: (name) => asked(api.post<MonitorView>(`${path(name)}/run`, {})),
  };
}
