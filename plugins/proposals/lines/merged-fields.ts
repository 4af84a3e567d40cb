import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import type { Version } from '../changes/look-up.ts';
import { type FieldConflict, type Settle, threeWay } from './three-way.ts';

/** What a version carries beside its artifact, its number and its place in the graph. */
export interface Fields {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly lineage?: ModelVersionSpec['lineage'];
  readonly examples?: ModelVersionSpec['examples'];
  /** What the manifests say about tensors. */
  readonly signature: {
    readonly inputs: Readonly<Record<string, string>>;
    readonly outputs: Readonly<Record<string, string>>;
  };
}

export interface FieldsToMerge {
  readonly bases: readonly Version[];
  readonly ours: Version;
  readonly theirs: Version;
  /** What was given from elsewhere, or follows the artifact: there is nothing to merge then. */
  readonly without: { readonly lineage: boolean; readonly examples: boolean };
  readonly settle: Settle;
}

/** Merges labels, annotations, lineage, examples (each by its name) and what is said about tensors. */
export function mergeVersionFields({ bases, ours, theirs, without, settle }: FieldsToMerge): {
  readonly fields: Fields;
  readonly conflicts: readonly FieldConflict[];
} {
  const shapeOf = ({ metadata, spec }: Version) => ({
    labels: metadata.labels,
    annotations: metadata.annotations,
    lineage: without.lineage ? undefined : spec.lineage,
    examples: without.examples ? undefined : examplesByName(spec.examples),
    signature: {
      inputs: descriptionsOf(spec.signature.inputs),
      outputs: descriptionsOf(spec.signature.outputs),
    },
  });
  // Without a common ancestor nothing is known of what was: only what both say alike, or one alone, is no conflict.
  const before = bases.length === 0 ? [undefined] : bases.map(shapeOf);
  const { value, conflicts } = threeWay(before, shapeOf(ours), shapeOf(theirs), { isWhole, settle });
  const { examples, ...merged } = value as Omit<Fields, 'examples'> & { readonly examples?: ExamplesByName };
  const list = examples && Object.entries(examples).map(([name, rest]) => ({ name, ...rest }));
  return {
    fields: {
      ...merged,
      ...(list === undefined ? {} : { examples: list as unknown as NonNullable<Fields['examples']> }),
    },
    conflicts,
  };
}

type Example = NonNullable<ModelVersionSpec['examples']>[number];
type ExamplesByName = Readonly<Record<string, Omit<Example, 'name'>>>;

/** The version of one dataset with the name of another, or half an example, would be nonsense. */
function isWhole(path: readonly string[]): boolean {
  const [first, second] = path;
  if (path.length !== 2) return false;
  return first === 'examples' || (first === 'lineage' && (second === 'dataset' || second === 'code'));
}

function examplesByName(examples: ModelVersionSpec['examples']): ExamplesByName | undefined {
  return examples && Object.fromEntries(examples.map(({ name, ...rest }) => [name, rest]));
}

function descriptionsOf(
  tensors: readonly { readonly name: string; readonly description?: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    tensors.flatMap(({ name, description }) => (description === undefined ? [] : [[name, description]])),
  );
}
