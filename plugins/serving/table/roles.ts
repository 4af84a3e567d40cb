import { type ServedDeployment, versionKey } from '../dataplane/interface/routing-table.ts';

/** The roles of all versions that are held, by `environment/deployment/version`. */
export type Roles = ReadonlyMap<string, string>;

/** `warm` is held and answers those alone who name it. */
export function rolesIn(deployments: readonly ServedDeployment[]): Roles {
  return new Map(
    deployments.flatMap((deployment) =>
      deployment.versions.map(({ version }) => [
        versionKey(deployment, version),
        deployment.variants.find((variant) => variant.version === version)?.role ?? 'warm',
      ]),
    ),
  );
}
