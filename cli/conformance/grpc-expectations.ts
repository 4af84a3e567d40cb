/** What cases of gRPC have in common: how they ask, and what they look for in an answer. */
import type { GrpcAnswer, GrpcClient } from './grpc-client.ts';
import { allowed, type Case, type Finding, fails, passed, Skip, type Subject } from './kit.ts';
import { leeways } from './leeways.ts';
import { needFixture } from './requests.ts';
import { sources } from './sources.ts';
import { sumFixture } from './sum-fixture.ts';

export type Body = Readonly<Record<string, unknown>>;

export function grpc(
  name: string,
  title: string,
  run: (client: GrpcClient, subject: Subject) => Promise<Finding>,
  source: string = sources.grpc,
): Case {
  return {
    id: `grpc/${name}`,
    group: 'grpc',
    title,
    source,
    run(subject) {
      if (subject.grpc === undefined) throw new Skip('no gRPC address was named: --grpc HOST:PORT');
      return run(subject.grpc, subject);
    },
  };
}

export function body({ status, details, body: said }: GrpcAnswer): Body {
  if (status !== 'OK') throw new Error(`answers ${status}: ${details}`);
  return said;
}

export function says(answer: GrpcAnswer, field: string, expected: boolean): Finding {
  const said = body(answer)[field];
  return said === expected ? passed : fails(`"${field}" is ${JSON.stringify(said)}`);
}

/** The specification names no codes; these are what the field uses. A failure of the server is none of the client's. */
export function usual(answers: readonly GrpcAnswer[], expected: string): Finding {
  for (const { status, details } of answers)
    if (['INTERNAL', 'UNKNOWN', 'UNAVAILABLE', 'DEADLINE_EXCEEDED'].includes(status))
      return fails(`is answered with ${status}: ${details}`);
  for (const { status, details } of answers) {
    if (status !== expected) return allowed(`answers ${status}`, leeways.grpcCodes);
    if (details === '') return allowed(`answers ${status} without a message`, leeways.grpcMessages);
  }
  return passed;
}

export type Sums = Awaited<ReturnType<typeof sums>>;

export async function sums(subject: Subject, a: readonly number[], b: readonly number[]) {
  const tensor = (name: string, values: readonly number[]) => ({
    ...{ name, datatype: 'FP32', shape: [1, 2] },
    contents: { fp32_contents: values },
  });
  return { model_name: await needFixture(subject, sumFixture), inputs: [tensor('a', a), tensor('b', b)] };
}

/** The bytes of an output, where it came raw. */
export function rawOf(answer: Body, at: number): Buffer | undefined {
  return (answer.raw_output_contents as readonly Buffer[])[at];
}

/** FP32 of an output, typed or raw. */
export function numbersOf(answer: Body, name: string): readonly number[] {
  const outputs = answer.outputs as readonly {
    name: string;
    contents?: { fp32_contents: readonly number[] };
  }[];
  const at = outputs.findIndex((output) => output.name === name);
  if (at < 0) throw new Error(`the output "${name}" is missing`);
  const raw = rawOf(answer, at);
  if (raw === undefined) return outputs[at]?.contents?.fp32_contents ?? [];
  return Array.from({ length: raw.length / 4 }, (_, index) => raw.readFloatLE(index * 4));
}

export function sameNumbers(seen: readonly number[], expected: readonly number[]): Finding {
  const isSame =
    seen.length === expected.length && expected.every((value, index) => Object.is(value, seen[index]));
  return isSame ? passed : fails(`got ${seen.join()}, not ${expected.join()}`);
}
