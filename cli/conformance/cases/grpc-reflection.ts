import { body, grpc } from '../grpc-expectations.ts';
import { type Case, fails, passed, Skip } from '../kit.ts';
import { sources } from '../sources.ts';

const service = 'inference.GRPCInferenceService';

export const grpcReflectionCases: readonly Case[] = [
  grpc(
    'reflection',
    'reflection names the service, and tells its methods',
    async (client) => {
      for (const version of ['v1', 'v1alpha'] as const) {
        const listed = await client.reflect(version, { list_services: '' });
        if (listed.status === 'UNIMPLEMENTED') continue;
        const { service: services = [] } = (body(listed).list_services_response ?? {}) as Listed;
        if (!services.some(({ name }) => name === service))
          return fails(`lists ${services.map(({ name }) => name).join(', ') || 'nothing'}`);
        const told = body(await client.reflect(version, { file_containing_symbol: service }));
        const { file_descriptor_proto: files = [] } = (told.file_descriptor_response ?? {}) as Described;
        // A descriptor has the names as they are written.
        return files.some((file) => file.includes('ModelInfer'))
          ? passed
          : fails(`does not tell the methods of ${service}`);
      }
      throw new Skip('the server has no reflection');
    },
    sources.reflectionOfGrpc,
  ),
];

interface Listed {
  readonly service?: readonly { readonly name: string }[];
}

interface Described {
  readonly file_descriptor_proto?: readonly Buffer[];
}
