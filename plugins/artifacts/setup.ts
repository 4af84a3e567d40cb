import { type ArtifactStore, artifactStore } from '../../core/capabilities/artifact-store.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import { type Secrets, secretReader } from '../../core/capabilities/secrets.ts';
import type { Host, Providers } from '../../core/plugin.ts';
import { artifactCheck } from './artifact-check.ts';
import type { CredentialPlaces } from './credentials.ts';
import { fileStore } from './file-store.ts';
import { httpStore } from './http-store.ts';
import { lfsObjects } from './lfs-objects.ts';
import { anonymously } from './s3-settings.ts';
import { s3Store } from './s3-store.ts';
import { type ArtifactSettings, artifactSettings } from './settings.ts';
import { withinSize } from './within-size.ts';

/** What runs of this plugin: apart from its declaration, so that reading manifests loads no store. */
export function setUpArtifacts(
  host: Host,
  { secrets, registries }: { secrets: Providers<Secrets>; registries: Providers<Registry> },
): void {
  const settings = artifactSettings(host.machine.settings);
  const withoutCredentials = { ...settings, credentials: {}, s3: anonymously(settings.s3) };
  const [own] = registries.names();
  const registry = own === undefined ? undefined : () => registries.get(own);
  const stores = storesBySchemes(host, registry, settings, {
    environment: process.env,
    ...secretReader(secrets),
  });
  for (const [scheme, store] of stores) host.provide(artifactStore, scheme, store);
  host.provide(
    proposalCheck,
    'artifact',
    artifactCheck(stores, storesBySchemes(host, registry, withoutCredentials, { environment: {} })),
  );
}

function storesBySchemes(
  host: Host,
  registry: (() => Registry) | undefined,
  settings: ArtifactSettings,
  places: CredentialPlaces,
): ReadonlyMap<string, ArtifactStore> {
  const lfs = registry && lfsObjects(registry, settings, places);
  const overHttp = httpStore(settings, places);
  const all: readonly [string, ArtifactStore][] = [
    ['file', fileStore(host.readBlob.bind(host), lfs)],
    ['http', overHttp],
    ['https', overHttp],
    ['s3', s3Store(settings, places)],
  ];
  return new Map(all.map(([scheme, store]) => [scheme, withinSize(store, settings.maxSize)]));
}
