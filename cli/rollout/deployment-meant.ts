import type { Api } from '../client/api.ts';
import { kindMeant, readKinds, resourceMeant, type ShownResource, targetOf } from '../client/resources.ts';

/** The one deployment that a person means. Throws `ResourceNotFound`, or `AmbiguousName` where the environment must be said. */
export async function deploymentMeant(
  api: Api,
  name: string,
  { env }: { readonly env?: string },
): Promise<ShownResource> {
  const kind = kindMeant('Deployment', await readKinds(api));
  const target = name.startsWith('Deployment/') ? targetOf(name, undefined) : targetOf('Deployment', name);
  return resourceMeant(api, kind, target, env);
}
