import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import * as fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import {
  float,
  floats,
  graphAttribute,
  int,
  ints,
  model,
  node,
  OnnxError,
  readModel,
  readSignature,
  string,
  strings,
  tensor,
  tensorAttribute,
  value,
  writeModel,
} from '../../../libraries/onnx/index.ts';
import { linearModel } from './linear-model.ts';

describe('writing a model', () => {
  it('gives a file that ONNX Runtime loads and runs', async () => {
    const session = await InferenceSession.create(writeModel(linearModel()));
    const result = await session.run({
      x: new Tensor('float32', [1, 2, 3, 4, 5, 6], [2, 3]),
      text: new Tensor('string', ['a', 'ü'], [2, 1]),
    });
    const expected = [2.5, 3, 6.001, 8.5, 9, 12.001].map(Math.fround);
    expect(Array.from(result.y?.data as Float32Array)).toEqual(expected);
    expect(result.echo?.data).toEqual(['a', 'ü']);
    await session.release();
  });

  it('gives equal bytes whatever order metadata, operator sets and attributes are named in', () => {
    const parts = { name: 'g', inputs: [value('x', 'FP32', ['N'])], outputs: [value('y', 'FP32', ['N'])] };
    const one = model({
      ...parts,
      nodes: [node('Elu', ['x'], ['y'], { attributes: { alpha: float(1), beta: float(2) } })],
      opsets: { 'ai.onnx': 17, 'ai.onnx.ml': 3 },
      metadata: { a: '1', b: '2' },
    });
    const other = model({
      ...parts,
      nodes: [node('Elu', ['x'], ['y'], { attributes: { beta: float(2), alpha: float(1) } })],
      opsets: { 'ai.onnx.ml': 3, 'ai.onnx': 17 },
      metadata: { b: '2', a: '1' },
    });
    expect(writeModel(other)).toEqual(writeModel(one));
  });

  it('writes every kind of attribute so that it is read back the same', () => {
    const inner = { node: [node('Identity', ['a'], ['b'])], name: 'inner' };
    const attributes = {
      float: float(0.5),
      floats: floats([1, -0, Number.POSITIVE_INFINITY]),
      graph: graphAttribute(inner),
      int: int(0),
      ints: ints([-1, 2n ** 62n]),
      string: string('ü'),
      strings: strings(['', 'b']),
      tensor: tensorAttribute(tensor('t', 'INT64', [2], [-1, 2n ** 53n])),
    };
    const written = model({
      name: 'g',
      inputs: [],
      outputs: [],
      nodes: [node('Custom', [], ['y'], { domain: 'example', attributes })],
      opsets: { example: 1 },
    });
    const read = readModel(writeModel(written));
    const byName = Object.fromEntries(
      (read.graph?.node?.[0]?.attribute ?? []).map(({ name, ...rest }) => [name, rest]),
    );
    expect(byName.float).toEqual({ f: 0.5, type: 1 });
    expect(byName.floats?.floats).toEqual([1, -0, Number.POSITIVE_INFINITY]);
    expect(byName.graph?.g).toMatchObject({ name: 'inner', node: [{ opType: 'Identity' }] });
    expect(byName.int).toEqual({ i: 0n, type: 2 });
    expect(byName.ints?.ints).toEqual([-1n, 2n ** 62n]);
    expect(Buffer.from(byName.string?.s ?? []).toString()).toBe('ü');
    expect(byName.strings?.strings?.map((bytes: Uint8Array) => Buffer.from(bytes).toString())).toEqual([
      '',
      'b',
    ]);
    const data = Buffer.from(byName.tensor?.t?.rawData ?? []);
    expect([data.readBigInt64LE(0), data.readBigInt64LE(8)]).toEqual([-1n, 2n ** 53n]);
  });

  it('refuses a graph whose names do not fit together, and says where', () => {
    const build = (nodes: ReturnType<typeof node>[]) => () =>
      model({
        name: 'g',
        inputs: [value('x', 'FP32', [1])],
        outputs: [value('y', 'FP32', [1])],
        nodes,
        opsets: { 'ai.onnx': 17 },
      });
    expect(build([node('Relu', ['z'], ['y'])])).toThrow(
      "'z' is used before anything makes it (at node[0] Relu)",
    );
    expect(build([node('Relu', ['x'], ['x'])])).toThrow("'x' is made twice (at node[0] Relu)");
    expect(build([node('Relu', ['x'], ['w'])])).toThrow("nothing makes 'y' (at output)");
    expect(build([node('Relu', ['x'], ['y'])])).not.toThrow();
  });

  it('refuses tensor data that do not fill the shape or do not fit the type', () => {
    expect(() => tensor('t', 'FP32', [2, 2], [1, 2, 3])).toThrow(
      '3 values for shape [2, 2], which holds 4 (at t)',
    );
    expect(() => tensor('t', 'FP32', [-1], [])).toThrow('not of whole, known sizes');
    expect(() => tensor('t', 'UINT8', [2], [1, 256])).toThrow('256 is not a value of UINT8 (at t[1])');
    expect(() => tensor('t', 'INT64', [1], [0.5])).toThrow('0.5 is not a value of INT64');
    expect(() => tensor('t', 'INT64', [1], [2n ** 63n])).toThrow(OnnxError);
    expect(() => tensor('t', 'BOOL', [1], [2])).toThrow('2 is not a value of BOOL');
  });

  it('lays out every numeric type as ONNX Runtime reads it', async () => {
    const cases = [
      ['FP32', 'float32', [-1.5, 3]],
      ['FP64', 'float64', [-1.5, 1e300]],
      ['INT8', 'int8', [-128, 127]],
      ['UINT8', 'uint8', [0, 255]],
      ['INT16', 'int16', [-32768, 32767]],
      ['UINT16', 'uint16', [0, 65535]],
      ['INT32', 'int32', [-(2 ** 31), 2 ** 31 - 1]],
      ['UINT32', 'uint32', [0, 2 ** 32 - 1]],
      ['INT64', 'int64', [-(2n ** 63n), 2n ** 63n - 1n]],
      ['UINT64', 'uint64', [0n, 2n ** 64n - 1n]],
    ] as const;
    for (const [datatype, type, data] of cases) {
      const constant = tensor('c', datatype, [2], data);
      const bytes = writeModel(
        model({
          name: 'g',
          inputs: [],
          outputs: [value('y', datatype, [2])],
          nodes: [node('Constant', [], ['y'], { attributes: { value: tensorAttribute(constant) } })],
          opsets: { 'ai.onnx': 17 },
        }),
      );
      const session = await InferenceSession.create(bytes);
      const { y } = await session.run({});
      expect(y?.type).toBe(type);
      expect(Array.from(y?.data as ArrayLike<number | bigint>)).toEqual([...data]);
      await session.release();
    }
  });
});

describe('reading and rewriting a model', () => {
  it('gives back, byte for byte, a file that ONNX Runtime itself wrote', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onnx-'));
    try {
      const file = join(folder, 'optimised.onnx');
      const session = await InferenceSession.create(writeModel(linearModel()), {
        optimizedModelFilePath: file,
        logSeverityLevel: 3,
      });
      await session.release();
      const bytes = new Uint8Array(await readFile(file));
      expect(Buffer.from(writeModel(readModel(bytes))).equals(bytes)).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('keeps fields that it does not know, at every depth', () => {
    const bytes = writeModel(linearModel());
    const unknown = new BinaryWriter().tag(900, WireType.LengthDelimited).string('from the future').finish();
    const read = readModel(bytes);
    const graph = { ...read.graph, unknown: [unknown] };
    const extended = writeModel({ ...read, graph, unknown: [unknown] });
    const again = readModel(extended);
    expect(again.unknown).toEqual([unknown]);
    expect(again.graph?.unknown).toEqual([unknown]);
    expect(writeModel(again)).toEqual(extended);
    expect(readSignature(extended)).toEqual(readSignature(bytes));
  });

  it('reads numbers packed or one by one, as the format allows both', () => {
    const dims = new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .fork()
      .int64(4)
      .int64(-1)
      .join()
      .tag(1, WireType.Varint)
      .int64(7)
      .finish();
    const graph = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(dims).finish();
    const file = new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(graph).finish();
    expect(readModel(file).graph?.initializer?.[0]?.dims).toEqual([4n, -1n, 7n]);
  });
});

describe('a damaged or hostile file', () => {
  const bytes = writeModel(linearModel());

  it('cut anywhere is refused, or was cut between two fields; nothing else is thrown', () => {
    const codes = new Set<string>();
    for (let length = 0; length < bytes.length; length += 1) {
      try {
        readModel(bytes.subarray(0, length));
      } catch (error) {
        if (!(error instanceof OnnxError)) throw error;
        codes.add(error.code);
      }
    }
    expect([...codes].sort()).toEqual(['NotOnnx', 'Truncated']);
  });

  it('with random bytes changed is read or refused with an OnnxError', () => {
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const damaged = bytes.slice();
        for (const [index, byte] of changes) damaged[index] = byte;
        for (const read of [readModel, readSignature]) {
          try {
            read(damaged);
          } catch (error) {
            if (!(error instanceof OnnxError)) throw error;
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('names the place inside the file', () => {
    const broken = new BinaryWriter()
      .tag(7, WireType.LengthDelimited)
      .fork()
      .tag(11, WireType.LengthDelimited)
      .bytes(new Uint8Array())
      .tag(11, WireType.LengthDelimited)
      .bytes(new Uint8Array([0x0a, 0x05, 0x41]))
      .join()
      .finish();
    expect(() => readModel(broken)).toThrow(
      expect.objectContaining({ code: 'Truncated', path: 'graph.input[1].name' }),
    );
  });

  it('with text that is not UTF-8 is refused, not repaired', () => {
    const broken = new BinaryWriter()
      .tag(2, WireType.LengthDelimited)
      .bytes(new Uint8Array([0xff]))
      .finish();
    expect(() => readModel(broken)).toThrow(
      expect.objectContaining({ code: 'Malformed', path: 'producerName' }),
    );
  });

  it('with a field of the wrong wire type is refused', () => {
    const broken = new BinaryWriter().tag(7, WireType.Varint).uint32(1).finish();
    expect(() => readModel(broken)).toThrow('wire type 0 where message is due (at graph)');
  });

  it('with two graphs is refused, since readers disagree on which one counts', () => {
    const twice = new Uint8Array([...bytes, ...bytes]);
    expect(() => readModel(twice)).toThrow('occurs twice (at graph)');
    expect(() => readSignature(twice)).toThrow('occurs twice (at graph)');
  });

  it('larger, deeper or of more messages than allowed is refused', () => {
    expect(() => readSignature(bytes, { maximumBytes: 10 })).toThrow(
      expect.objectContaining({ code: 'TooLarge', message: `${bytes.length} bytes, the limit is 10` }),
    );
    expect(() => readModel(bytes, { maximumMessages: 3 })).toThrow('more than 3 messages');
    let graph: Parameters<typeof graphAttribute>[0] = { name: 'leaf' };
    for (let depth = 0; depth < 60; depth += 1) {
      graph = { node: [node('If', [], ['y'], { attributes: { then_branch: graphAttribute(graph) } })] };
    }
    expect(() => readModel(writeModel({ graph }))).toThrow('messages nested deeper than 100');
  });

  it('that is something else altogether is named', () => {
    const pointer = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n');
    expect(() => readSignature(pointer)).toThrow('Git LFS pointer');
    expect(() => readSignature(Buffer.from('<!doctype html>'))).toThrow('HTML');
    expect(() => readSignature(Buffer.from('PK\u0003\u0004'))).toThrow('ZIP archive');
    expect(() => readSignature(new Uint8Array())).toThrow('the file is empty');
    expect(() => readSignature(Buffer.from('hello, world'))).toThrow(OnnxError);
  });
});
