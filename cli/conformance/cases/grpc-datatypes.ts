import { identityFixture, samples } from '../datatype-samples.ts';
import { type Body, body, grpc, rawOf } from '../grpc-expectations.ts';
import { allowed, type Case, type Finding, fails, passed } from '../kit.ts';
import { leeways } from '../leeways.ts';
import { needFixture } from '../requests.ts';

/** Where the elements of a datatype stand in typed contents. FP32 and INT64 have cases with a title of their own. */
const fields = {
  BOOL: 'bool_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
} as const;

type Typed = keyof typeof fields;

/** Those that stand in no typed contents. */
const rawAlone = ['FP16', 'BF16'] as const;

export const grpcDatatypeCases: readonly Case[] = [
  ...(Object.keys(fields) as Typed[]).map(typedCase),
  ...rawAlone.map((datatype) =>
    grpc(
      `raw-${datatype.toLowerCase()}`,
      `${datatype} keeps its bits in raw contents`,
      async (client, subject) => {
        const request = await rawRequest(needFixture(subject, identityFixture(datatype)), datatype);
        return sameElements(body(await client.call('ModelInfer', request)), datatype);
      },
    ),
  ),
  grpc('raw-bytes', 'BYTES keep their letters in raw contents', async (client, subject) => {
    const request = await rawRequest(needFixture(subject, identityFixture('BYTES')), 'BYTES');
    const answer = await client.call('ModelInfer', request);
    if (answer.status === 'INVALID_ARGUMENT' || answer.status === 'UNIMPLEMENTED')
      return allowed(`answers ${answer.status}`, leeways.grpcRawBytes);
    return sameElements(body(answer), 'BYTES');
  }),
];

function typedCase(datatype: Typed): Case {
  return grpc(
    `typed-${datatype.toLowerCase()}`,
    `${datatype} keeps its values in typed contents`,
    async (client, subject) => {
      const model_name = await needFixture(subject, identityFixture(datatype));
      const contents = { [fields[datatype]]: elementsOf(datatype) };
      const inputs = [{ name: 'x', datatype, shape: [1, 4], contents }];
      return sameElements(body(await client.call('ModelInfer', { model_name, inputs })), datatype);
    },
  );
}

async function rawRequest(model: Promise<string>, datatype: string): Promise<object> {
  const inputs = [{ name: 'x', datatype, shape: [1, 4] }];
  return { model_name: await model, inputs, raw_input_contents: [samples[datatype]!.raw] };
}

/** The elements of a sample as they stand in a message: 64 bits as texts. */
function elementsOf(datatype: Typed): readonly unknown[] {
  return samples[datatype]!.json!.map((element) => {
    if (datatype === 'UINT64') return element;
    return datatype === 'BYTES' ? Buffer.from(JSON.parse(element) as string) : JSON.parse(element);
  });
}

/** Whether the output `y` is what was sent, in whichever form it comes. */
function sameElements(answer: Body, datatype: string): Finding {
  const outputs = answer.outputs as readonly (Body & { readonly contents?: Body })[];
  const at = outputs.findIndex(({ name }) => name === 'y');
  const output = outputs[at];
  if (output === undefined) return fails('the output "y" is missing');
  if (output.datatype !== datatype) return fails(`comes back as ${String(output.datatype)}`);
  const raw = rawOf(answer, at);
  if (raw !== undefined) return same(raw.toString('hex'), samples[datatype]!.raw.toString('hex'));
  if (!isTyped(datatype)) return fails('does not come back raw, and has no other form');
  const seen = (output.contents?.[fields[datatype]] ?? []) as readonly unknown[];
  return same(seen.map(printed).join(), elementsOf(datatype).map(printed).join());
}

function same(seen: string, expected: string): Finding {
  return seen === expected ? passed : fails(`is ${seen}, not ${expected}`);
}

const isTyped = (datatype: string): datatype is Typed => Object.hasOwn(fields, datatype);
const printed = (element: unknown): string =>
  Buffer.isBuffer(element) ? JSON.stringify(element.toString()) : String(element);
