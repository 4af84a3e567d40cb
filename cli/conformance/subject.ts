/** Gets to know the server before cases ask it: which models it has, and what it can. */
import { isObject, objectOf, tensorsOf } from './expectations.ts';
import type { GrpcClient } from './grpc-client.ts';
import type { Subject, SubjectModel } from './kit.ts';
import { madeUpRequest } from './made-up-request.ts';
import { modelPath } from './requests.ts';
import type { RestClient } from './rest-client.ts';
import { sumFixture } from './sum-fixture.ts';

export interface SubjectOptions {
  readonly rest: RestClient;
  readonly grpc?: GrpcClient;
  /** The model to ask what can be asked of any; by default the fixture `conformance-sum`. */
  readonly model?: string;
  /** A request that it answers; by default one is made up. */
  readonly request?: Readonly<Record<string, unknown>>;
}

/** Throws where the model that was named is not there, or says nothing of its inputs. */
export async function openSubject({ rest, grpc, model, request }: SubjectOptions): Promise<Subject> {
  const metadata = (name: string) => rest.ask(modelPath(name)).then((answer) => objectOf(answer));
  const hasFixture = remembered(async (name) => (await rest.ask(modelPath(name))).status === 200);
  const hasBinary = remembered(async () => {
    const { extensions } = objectOf(await rest.ask('/v2'));
    return Array.isArray(extensions) && extensions.includes('binary_tensor_data');
  });
  const name = model ?? ((await hasFixture(sumFixture)) ? sumFixture : undefined);
  const asked =
    name === undefined
      ? undefined
      : { name, request: request ?? madeUpRequest(tensorsOf((await metadata(name)).inputs, 'inputs')) };
  return {
    rest,
    ...(grpc === undefined ? {} : { grpc }),
    ...(asked === undefined ? {} : { model: asked satisfies SubjectModel }),
    metadata,
    hasFixture,
    hasBinary: () => hasBinary(''),
  };
}

/** How the server names itself. */
export async function nameOf(rest: RestClient): Promise<{ name: string | null; version: string | null }> {
  const { status, bytes } = await rest.ask('/v2');
  let body: unknown;
  try {
    body = status === 200 ? JSON.parse(bytes.toString()) : undefined;
  } catch {
    body = undefined;
  }
  const said = (field: string): string | null =>
    isObject(body) && typeof body[field] === 'string' ? body[field].slice(0, 100) : null;
  return { name: said('name'), version: said('version') };
}

/** What could not be looked up is looked up again. */
function remembered<T>(look: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    let answer = known.get(key);
    if (answer === undefined) {
      answer = look(key);
      known.set(key, answer);
      answer.catch(() => known.delete(key));
    }
    return answer;
  };
}
