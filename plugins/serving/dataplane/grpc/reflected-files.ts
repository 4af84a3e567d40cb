/**
 * The protocol's files as tools take them that learn it by reflection. proto-loader names the entries of a map `Parameters`, where protoc has
 * `ParametersEntry`, and names types from where they stand: grpcurl refuses the one, and others the other.
 */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import type { PackageDefinition } from '@grpc/proto-loader';

/** Each file of a definition, once. */
export function reflectedFiles(definition: PackageDefinition): readonly FileDescriptorProto[] {
  const files = new Map<string, FileDescriptorProto>();
  for (const entry of Object.values(definition)) {
    const { fileDescriptorProtos = [] } = entry as { readonly fileDescriptorProtos?: readonly Uint8Array[] };
    for (const bytes of fileDescriptorProtos) {
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      if (!files.has(file.name)) files.set(file.name, file);
    }
  }
  const all = [...files.values()];
  for (const file of all) for (const message of file.messageType) nameEntries(message);
  const known = new Set<string>();
  for (const file of all) for (const [name] of typesOf(file)) known.add(name);
  for (const file of all) nameTypes(file, known);
  return all;
}

/** The same as what the library for reflection reads. */
export function reflectedDefinition(definition: PackageDefinition): PackageDefinition {
  const fileDescriptorProtos = reflectedFiles(definition).map((file) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, file)),
  );
  return { files: { fileDescriptorProtos } } as never;
}

function nameEntries(message: DescriptorProto): void {
  for (const nested of message.nestedType) {
    nameEntries(nested);
    if (nested.options?.mapEntry !== true) continue;
    const field = message.field.find(({ typeName }) => typeName === nested.name);
    if (field === undefined) continue;
    nested.name = `${field.name.replace(/(?:^|_)(.)/g, (_, first: string) => first.toUpperCase())}Entry`;
    field.typeName = nested.name;
  }
}

/** Messages and enumerations by their whole names: `.inference.ModelInferRequest`. */
function typesOf(file: FileDescriptorProto): readonly (readonly [string, DescriptorProto | undefined])[] {
  const found: (readonly [string, DescriptorProto | undefined])[] = [];
  const root = rootOf(file);
  const add = (scope: string, message: DescriptorProto): void => {
    const name = `${scope}.${message.name}`;
    found.push([name, message]);
    for (const nested of message.nestedType) add(name, nested);
    for (const nested of message.enumType) found.push([`${name}.${nested.name}`, undefined]);
  };
  for (const message of file.messageType) add(root, message);
  for (const one of file.enumType) found.push([`${root}.${one.name}`, undefined]);
  return found;
}

function nameTypes(file: FileDescriptorProto, known: ReadonlySet<string>): void {
  const whole = (name: string, from: string): string => {
    if (name === '' || name.startsWith('.')) return name;
    for (let scope = from; ; scope = scope.slice(0, scope.lastIndexOf('.'))) {
      if (known.has(`${scope}.${name}`)) return `${scope}.${name}`;
      if (scope === '') return name;
    }
  };
  for (const [name, message] of typesOf(file))
    for (const field of message?.field ?? []) field.typeName = whole(field.typeName, name);
  for (const { method } of file.service)
    for (const one of method) {
      one.inputType = whole(one.inputType, rootOf(file));
      one.outputType = whole(one.outputType, rootOf(file));
    }
}

const rootOf = (file: FileDescriptorProto): string => (file.package === '' ? '' : `.${file.package}`);
