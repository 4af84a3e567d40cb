import type { Kernel } from '../../core/kernel-api.ts';
import type { JsonSchema, Logger } from '../../core/plugin.ts';

/** One operation of the status API: what it takes and answers, and the code that does it. */
export interface Route<Query = unknown, Body = unknown> {
  /** Unique, lowerCamelCase: what generated clients call it. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** With parameters in braces: `/api/v1/snapshots/{commit}`. */
  readonly path: string;
  readonly tag: Tag;
  /** A few words; `description` says the rest. */
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly query?: Readonly<Record<string, Parameter>>;
  readonly body?: { readonly description: string; readonly schema: JsonSchema };
  readonly answers: Readonly<Record<number, Answer>>;
  /** Statuses of errors beside those that every route has. */
  readonly errors?: readonly number[];
  /** True for what tells nothing of this platform's state, and for probes: never asks for a token. */
  readonly isPublic?: boolean;
  /**
   * True for what asks neither for a token nor for a known host name: the handler reads the bytes itself and decides
   * whom to believe. It also answers below its path.
   */
  readonly isRaw?: boolean;
  handle(call: Call<Query, Body>): Response | Promise<Response>;
}

export type Tag = 'Registry' | 'Resources' | 'History' | 'Platform' | 'Operation';

export interface Parameter {
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example: unknown;
}

export interface Answer {
  readonly description: string;
  /** Default `application/json`. */
  readonly type?: string;
  readonly schema?: JsonSchema;
}

/** A request that has been let in and found valid. */
export interface Call<Query = unknown, Body = unknown> {
  readonly kernel: Kernel;
  readonly log: Logger;
  readonly request: Request;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Query;
  /** Undefined where none was sent, and for raw routes. */
  readonly body: Body | undefined;
  /** Aborted when the server is about to close: streams end. */
  readonly closing: AbortSignal | undefined;
  /** The address that the request came from; `unknown` where there is no connection. */
  readonly sender: string;
  /** Ends the connection at once, for a reader that does not read; false where there is none to end. */
  drop(): boolean;
}

/** Declares a route; `Query` and `Body` are the types of what its schemas let through. */
export function defineRoute<Query = unknown, Body = unknown>(route: Route<Query, Body>): Route {
  return route as Route;
}
