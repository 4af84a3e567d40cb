import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { type Evidence, examplesIn } from '../changes/evidence.ts';
import type { Version } from '../changes/look-up.ts';
import type { ArtifactWanted } from './merged-artifact.ts';
import type { Fields } from './merged-fields.ts';

/** What is measured of an artifact, and what it was made of, stays with it; golden examples are a promise of both lines. */
export function mergedEvidence(
  asked: Evidence,
  wanted: ArtifactWanted,
  fields: Fields,
  ours: Version,
  theirs: Version,
): Pick<ModelVersionSpec, 'lineage' | 'metrics' | 'examples'> {
  const source = wanted.from === 'side' ? (wanted.side === 'ours' ? ours : theirs).spec : undefined;
  const lineage = asked.lineage ?? source?.lineage ?? fields.lineage;
  const metrics = asked.metrics ?? source?.metrics;
  const examples = examplesIn(asked.examples) ?? fields.examples;
  const made = wanted.from === 'average' ? averaged(lineage, wanted.weight, ours, theirs) : lineage;
  return {
    ...(made === undefined ? {} : { lineage: made }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(examples === undefined ? {} : { examples }),
  };
}

/** An average can be made again by who knows the shares. */
function averaged(
  lineage: ModelVersionSpec['lineage'],
  weight: number,
  ours: Version,
  theirs: Version,
): NonNullable<ModelVersionSpec['lineage']> {
  const shares = {
    [ours.metadata.name]: Number((1 - weight).toPrecision(12)),
    [theirs.metadata.name]: weight,
  };
  return { ...lineage, parameters: { ...lineage?.parameters, averageOf: shares } };
}
