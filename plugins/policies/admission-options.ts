import { Ajv } from 'ajv';
import type { Examined } from '../../core/capabilities/registry.ts';
import type { JsonSchema, Resource } from '../../core/plugin.ts';
import type { PlatformSpec } from '../../schemas/generated/platform.ts';

/** What the platform demands of a commit before it applies it: the block `admission` of this plugin's options. */
export interface AdmissionOptions {
  /** `mainline`: each commit that the branch itself took; `every-commit`: those that were merged into it, too. */
  readonly signatures: 'none' | 'mainline' | 'every-commit';
  /** Teams whose members may sign; undefined: everybody whom a team names. */
  readonly signers: readonly string[] | undefined;
  /** Whether what policies ask of proposals must have been given to what came onto the branch. */
  readonly approvals: 'none' | 'required';
  /** The forge that knows the reviews. */
  readonly forge: string;
}

const teamName = { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' };

export const admissionSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'What the platform demands of a commit before it applies it. History must grow in any case.',
  properties: {
    signatures: {
      description: 'Which commits must be signed by a member of a team.',
      enum: ['none', 'mainline', 'every-commit'],
      default: 'none',
    },
    signers: {
      description: 'Teams whose members may sign. Default: all teams.',
      type: 'array',
      minItems: 1,
      maxItems: 64,
      items: teamName,
    },
    approvals: {
      description: 'Whether the approvals that policies ask for must have been given.',
      enum: ['none', 'required'],
      default: 'none',
    },
    forge: { description: 'The forge that knows the reviews.', type: 'string', default: 'git' },
  },
};

/** What a commit demands of the next one; undefined where it demands nothing; a text says why that cannot be told. */
export function admissionOptionsOf({ resources }: Examined): AdmissionOptions | string | undefined {
  for (const resource of resources.values()) {
    if (resource.kind !== 'Platform' || resource.origin.path !== platformPath) continue;
    const { plugins } = (resource as Resource<PlatformSpec>).spec;
    const own = plugins.find(({ name }) => name === 'policies')?.options as
      | { admission?: unknown }
      | undefined;
    return own?.admission === undefined ? undefined : readAdmissionOptions(own.admission);
  }
  return undefined;
}

/** The file whose Platform decides which plugins run, and so which are asked. */
export const platformPath = 'platform.yaml';

function readAdmissionOptions(block: unknown): AdmissionOptions | string {
  const ajv = new Ajv({ strict: false, useDefaults: false });
  const isValid = ajv.compile(admissionSchema);
  if (!isValid(block)) return `the options of admission are not valid: ${ajv.errorsText(isValid.errors)}`;
  const {
    signatures = 'none',
    signers,
    approvals = 'none',
    forge = 'git',
  } = block as Partial<AdmissionOptions>;
  return { signatures, signers, approvals, forge };
}
