/** The routes of the plugin `alerting`, as the command line asks them. */
import { codeOf } from '../../core/errors.ts';
import { type Api, type ApiOptions, connect } from '../client/api.ts';
import { alertingMissing } from '../client/errors.ts';
import type { Terminal } from '../terminal.ts';

export interface ShownAlert {
  readonly id: string;
  readonly name: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly state: 'pending' | 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly ref: string | null;
  readonly summary: string;
  readonly description?: string;
  readonly evidence: readonly { readonly name: string; readonly value: string }[];
  readonly help: readonly { readonly text: string; readonly command?: string; readonly url?: string }[];
  readonly runbook?: string;
  readonly since: string;
  readonly resolvedAt: string | null;
  readonly acknowledged: { readonly by: string; readonly reason: string; readonly at: string } | null;
  readonly silencedBy: {
    readonly id: string;
    readonly by: string;
    readonly reason: string;
    readonly until: string;
  } | null;
  readonly told: readonly {
    readonly route: string;
    readonly receiver: string;
    readonly level: number;
    readonly at: string;
  }[];
}

export interface ShownSilence {
  readonly id: string;
  readonly matchers: readonly string[];
  readonly from: string;
  readonly until: string;
  readonly by: string;
  readonly reason: string;
  readonly isActive: boolean;
}

export interface Alerting {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
}

/** Throws `AlertingMissing` where the platform does not run the plugin. */
export async function connectAlerting(options: ApiOptions, terminal: Terminal): Promise<Alerting> {
  const api: Api = await connect(options, terminal);
  const asked = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      if (codeOf(error) === 'NoSuchRoute') throw alertingMissing(api.url);
      throw error;
    }
  };
  return {
    get: (path) => asked(api.get(`/plugins/alerting/${path}`)),
    post: (path, body) => asked(api.post(`/plugins/alerting/${path}`, body)),
  };
}
