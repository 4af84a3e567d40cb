import type { Fields } from '../fields.ts';
import { nameLike } from '../names.ts';
import { sourceInvalid } from '../report.ts';
import type { Source } from '../source.ts';

/** Reads what every document of Kubernetes has beside its spec, and answers the name as it is here. */
export function metadataName(document: Fields, source: Source, to: string): string {
  for (const field of ['apiVersion', 'kind']) document.text(field);
  document.note('status', 'elsewhere', 'what was observed is not declared');
  const metadata = document.demandMap('metadata');
  const name = nameLike(source.name);
  if (name === '') throw sourceInvalid(metadata.at('name'), 'it is missing');
  if (name === source.name) metadata.imported('name', to);
  else metadata.note('name', 'changed', `it is called ${name}`, to);
  metadata.note('namespace', 'elsewhere', 'a registry has environments, and templates belong to all of them');
  metadata.finish('elsewhere', 'it is about the object in Kubernetes');
  return name;
}
