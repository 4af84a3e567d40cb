/**
 * A conformance kit of the Open Inference Protocol v2 (https://github.com/kserve/open-inference-protocol) and its binary tensor
 * extension (Triton's `extension_binary_data.md`): cases that ask a server, whoever wrote it, and judge what it answers.
 */
import { messageOf } from '../../core/plugin.ts';
import type { GrpcClient } from './grpc-client.ts';
import type { Leeway } from './leeways.ts';
import type { RestClient } from './rest-client.ts';

export type Group = 'health' | 'metadata' | 'json' | 'binary' | 'datatypes' | 'schedule' | 'errors' | 'grpc';

/**
 * pass and fail speak for themselves. `allowed`: the server does it in a way of its own for which the specification leaves room.
 * `skip`: it could not be asked, and why.
 */
export type Outcome = 'pass' | 'allowed' | 'fail' | 'skip';

export interface Finding {
  readonly outcome: Outcome;
  /** What was seen. */
  readonly detail?: string;
  /** Why it is allowed; there where it is. */
  readonly leeway?: Leeway;
}

export interface Case {
  /** `group/what`, for ever the same. */
  readonly id: string;
  readonly group: Group;
  /** A sentence about a server that does it right. */
  readonly title: string;
  /** Where it is written. */
  readonly source: string;
  /** Asks, and judges. A `Skip` that it throws is one; whatever else is a failure. */
  run(subject: Subject): Promise<Finding>;
}

/** What is under test. */
export interface Subject {
  readonly rest: RestClient;
  /** Absent where no address was named. */
  readonly grpc?: GrpcClient;
  /** The model that any server can be asked, with a request that it answers; absent where only fixtures are asked. */
  readonly model?: SubjectModel;
  /** Whether the server has that fixture model. */
  readonly hasFixture: (name: string) => Promise<boolean>;
  /** Whether the server says that it has the binary tensor extension. */
  readonly hasBinary: () => Promise<boolean>;
  /** What it says of a model, unchecked. */
  readonly metadata: (model: string) => Promise<Readonly<Record<string, unknown>>>;
}

export interface SubjectModel {
  readonly name: string;
  /** An Open Inference request in JSON that the model answers with 200. */
  readonly request: Readonly<Record<string, unknown>>;
}

export interface CaseResult extends Finding {
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  readonly source: string;
  readonly milliseconds: number;
}

export interface Report {
  readonly server: string;
  /** As the server names itself. */
  readonly serverName: string | null;
  readonly serverVersion: string | null;
  readonly results: readonly CaseResult[];
  readonly counts: Readonly<Record<Outcome, number>>;
}

/** The server cannot be asked that. */
export class Skip extends Error {}

export const passed: Finding = { outcome: 'pass' };
export const fails = (detail: string): Finding => ({ outcome: 'fail', detail });
export const allowed = (detail: string, leeway: Leeway): Finding => ({ outcome: 'allowed', detail, leeway });
export const skipped = (detail: string): Finding => ({ outcome: 'skip', detail });

/** Runs cases one after the other: what one does must not disturb what another sees. */
export async function runCases(
  cases: readonly Case[],
  subject: Subject,
  signal: AbortSignal,
  onResult: (result: CaseResult) => void = () => {},
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const one of cases) {
    signal.throwIfAborted();
    const started = performance.now();
    const finding = await judge(one, subject);
    signal.throwIfAborted();
    const { id, group, title, source } = one;
    const milliseconds = performance.now() - started;
    const result = { id, group, title, source, milliseconds, ...finding };
    results.push(result);
    onResult(result);
  }
  return results;
}

async function judge(one: Case, subject: Subject): Promise<Finding> {
  try {
    if (one.group === 'binary' && !(await subject.hasBinary()))
      return skipped('the server does not list the extension binary_tensor_data');
    return await one.run(subject);
  } catch (error) {
    if (error instanceof Skip) return skipped(error.message);
    return fails(messageOf(error));
  }
}

/** The number of results of each outcome. */
export function countOutcomes(results: readonly CaseResult[]): Readonly<Record<Outcome, number>> {
  const counts: Record<Outcome, number> = { pass: 0, allowed: 0, fail: 0, skip: 0 };
  for (const { outcome } of results) counts[outcome]++;
  return counts;
}
