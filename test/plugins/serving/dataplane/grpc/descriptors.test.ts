/** What tools such as grpcurl learn by reflection: enough to call a method without its protocol file. */
import { create, createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { type Client, credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../../../../libraries/package-files/index.ts';
import { type Serving, startServing } from '../fixtures/in-process.ts';

let serving: Serving;
let address: string;

beforeAll(async () => {
  serving = await startServing();
  address = `127.0.0.1:${await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' })}`;
});

afterAll(() => serving.stop());

interface Answer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
  readonly errorResponse?: { readonly errorCode: number };
}

type Talk = AsyncIterable<Answer> & { write(message: object): void; end(): void };

/** Asks one question after the other in one call. */
async function ask(version: string, ...questions: readonly object[]): Promise<readonly Answer[]> {
  const proto = `node_modules/@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`;
  const loaded = loadPackageDefinition(
    loadSync(packageFile(proto), { oneofs: true, defaults: false }),
  ) as never as {
    grpc: { reflection: Record<string, { ServerReflection: new (...given: unknown[]) => Client }> };
  };
  const client = new loaded.grpc.reflection[version]!.ServerReflection(
    address,
    credentials.createInsecure(),
  ) as Client & { serverReflectionInfo(): Talk };
  const talk = client.serverReflectionInfo();
  for (const question of questions) talk.write(question);
  talk.end();
  const answers: Answer[] = [];
  for await (const answer of talk) answers.push(answer);
  client.close();
  return answers;
}

const filesIn = ({ fileDescriptorResponse }: Answer): readonly FileDescriptorProto[] =>
  fileDescriptorResponse!.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));

describe.each(['v1', 'v1alpha'])('reflection %s', (version) => {
  it('lists what the port answers', async () => {
    const [answer] = await ask(version, { listServices: '' });
    const names = answer?.listServicesResponse?.service.map(({ name }) => name);
    expect(names).toContain('inference.GRPCInferenceService');
    expect(names).toContain('grpc.health.v1.Health');
  });

  it('describes a service, and all that its messages are made of', async () => {
    const symbols = [
      'inference.GRPCInferenceService',
      'inference.ModelInferRequest',
      'grpc.health.v1.Health',
    ];
    const [service, message, health] = (
      await ask(version, ...symbols.map((symbol) => ({ fileContainingSymbol: symbol })))
    ).map(filesIn);
    const own = service!.find(({ package: name }) => name === 'inference')!;
    const methods = own.service.find(({ name }) => name === 'GRPCInferenceService')!.method;
    expect(methods).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ name: 'ModelInfer', clientStreaming: false, serverStreaming: false },
          inputType: '.inference.ModelInferRequest',
        }),
      ]),
    );
    const fieldsOf = (name: string) => own.messageType.find((one) => one.name === name)?.field;
    expect(fieldsOf('InferTensorContents')?.map(({ name, number }) => `${number} ${name}`)).toContain(
      '6 fp32_contents',
    );
    expect(message).toEqual(service);
    expect(health!.flatMap((file) => file.service.map(({ name }) => name))).toContain('Health');
    // What a file is made of comes with it.
    for (const files of [service!, health!]) {
      const names = files.map(({ name }) => name);
      expect(files.flatMap(({ dependency }) => dependency).filter((name) => !names.includes(name))).toEqual(
        [],
      );
    }
  });

  it('names what it describes as protoc does, which grpcurl insists on', async () => {
    const symbols = ['inference.ModelInferRequest', 'grpc.health.v1.HealthListResponse'];
    const answers = await ask(version, ...symbols.map((symbol) => ({ fileContainingSymbol: symbol })));
    const entries: string[] = [];
    for (const { messageType, service } of answers.flatMap(filesIn)) {
      const types: string[] = service.flatMap(({ method }) =>
        method.flatMap(({ inputType, outputType }) => [inputType, outputType]),
      );
      const visit = ({ field, nestedType }: DescriptorProto): void => {
        types.push(...field.map(({ typeName }) => typeName).filter((name) => name !== ''));
        for (const nested of nestedType) {
          visit(nested);
          if (nested.options?.mapEntry === true) entries.push(nested.name);
        }
      };
      for (const message of messageType) visit(message);
      expect(types.filter((name) => !/^\.(inference|grpc\.health\.v1)\./.test(name))).toEqual([]);
    }
    expect(new Set(entries)).toEqual(new Set(['ParametersEntry', 'PropertiesEntry', 'StatusesEntry']));
    const files = answers.flatMap(filesIn);
    const unique = [...new Map(files.map((file) => [file.name, file])).values()];
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: unique }));
    const { fields } = registry.getMessage('inference.ModelInferRequest')!;
    expect(fields.find(({ name }) => name === 'parameters')?.fieldKind).toBe('map');
  });

  it('says of what is not there that it is not, and goes on', async () => {
    const [unknown, known] = await ask(
      version,
      { fileContainingSymbol: 'no.such.Service' },
      { listServices: '' },
    );
    expect(unknown?.errorResponse?.errorCode).toBe(5);
    expect(known?.listServicesResponse).toBeDefined();
  });
});
