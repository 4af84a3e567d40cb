import type { Forge, Proposal, Review } from '../../core/capabilities/forge.ts';
import type { Gate, Requirement } from '../../core/capabilities/gate.ts';
import type { Examined, Registry } from '../../core/capabilities/registry.ts';
import type { Providers, Ref, Resource } from '../../core/plugin.ts';
import type { Step } from './admission-line.ts';
import { type AdmissionRefusal, described } from './admission-refusal.ts';

export interface ApprovalDemand {
  readonly registry: Registry;
  readonly forges: Providers<Forge>;
  /** The name of the forge's provider. */
  readonly forge: string;
  /** Judges by the policies and teams of the step's start. */
  readonly gate: Gate;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How many merged proposals are looked through for the one that a commit came from. */
const maxProposals = 1000;

/**
 * Why a step lacks approvals that policies ask for; undefined if it has them. A step that came from a merged proposal is
 * judged with that proposal's reviews, if it is exactly what merging it comes to; any other as a change that nobody
 * reviewed. Throws where the forge cannot be asked.
 */
export async function checkApprovals(
  step: Step,
  demand: ApprovalDemand,
): Promise<AdmissionRefusal | undefined> {
  const { registry, gate, now } = demand;
  const forge = demand.forges.get(demand.forge);
  const found = await proposalOf(step, forge);
  if (found !== undefined) {
    await forge.fetch(found.number);
    const altered = await whyAltered(step, found, registry);
    if (altered !== undefined) return altered;
  }
  const proposal = found ?? unreviewed(step, registry.reference);
  const reviews: readonly Review[] = found === undefined ? [] : await forge.reviews(found.number);
  const base = await registry.examine(step.from);
  const merged = await registry.examine(step.to.id);
  const { plan } = await registry.plan(step.from, step.to.id);
  const files = await registry.repository.changedPaths(step.from, step.to.id);
  const { allowed, requirements } = await gate.judge({
    subject: {
      proposal,
      base: approvalsAlone(base),
      merged,
      plan,
      files: files.map(({ path, before, after }) => ({ path, before, after })),
    },
    checks: [manifestsPassed(now)],
    reviews,
    forge: demand.forge,
    now,
  });
  if (allowed) return undefined;
  return refusal(
    step,
    found,
    requirements.filter(({ met }) => !met),
  );
}

async function proposalOf(step: Step, forge: Forge): Promise<Proposal | undefined> {
  for (const { number, mergedAs } of await forge.list({ state: 'merged', limit: maxProposals })) {
    if (mergedAs === step.to.id) return forge.get(number);
  }
  return undefined;
}

/** Whoever merges could put something else beside what was approved. */
async function whyAltered(
  step: Step,
  { number, head }: Proposal,
  { repository }: Registry,
): Promise<AdmissionRefusal | undefined> {
  const result = await repository.mergeTree(step.from, head);
  if ('tree' in result && result.tree === step.to.tree) return undefined;
  return {
    cause: 'MergeAltered',
    message: `${described(step.to)} holds something else than proposal ${number}, from which it is said to come`,
    hint: 'Undo it, and propose what it holds beyond that, so that it can be approved.',
  };
}

/** A change that came around the proposals, as the gate wants to see one: nobody but its authors has a part in it. */
function unreviewed({ to }: Step, base: string): Proposal {
  const { name, email, time } = to.author;
  const at = new Date(time * 1000).toISOString();
  return {
    number: 0,
    state: 'merged',
    key: null,
    title: to.message.split('\n', 1)[0] ?? '',
    body: '',
    author: { name, email },
    pushes: [],
    base,
    head: to.id,
    fromFork: false,
    labels: [],
    openedAt: at,
    updatedAt: at,
    mergedAs: to.id,
  };
}

interface RuleLike {
  readonly name: string;
  readonly when?: string;
  readonly approvals?: unknown;
  readonly breakGlass?: unknown;
}

/**
 * The policies with their demands for approvals alone: checks, soak times and freezes were for the merge to meet. They
 * cannot be judged by what is true now.
 */
function approvalsAlone(base: Examined): Examined {
  const resources = new Map<Ref, Resource>(base.resources);
  for (const [ref, resource] of resources) {
    if (resource.kind !== 'Policy') continue;
    const { rules } = resource.spec as { readonly rules: readonly RuleLike[] };
    const kept = rules
      .filter(({ approvals }) => approvals !== undefined)
      .map(({ name, when, approvals, breakGlass }) => ({
        name,
        ...(when === undefined ? {} : { when }),
        approvals,
        ...(breakGlass === undefined ? {} : { breakGlass }),
      }));
    resources.set(ref, { ...resource, spec: { ...(resource.spec as object), rules: kept } });
  }
  return { ...base, resources };
}

/** The gate asks for it of everything; the kernel judges manifests itself before it applies them. */
function manifestsPassed(now: number) {
  return {
    name: 'manifests',
    outcome: 'pass' as const,
    summary: '',
    at: new Date(now).toISOString(),
    durationMs: 0,
  };
}

function refusal(
  step: Step,
  proposal: Proposal | undefined,
  unmet: readonly Requirement[],
): AdmissionRefusal {
  const came = proposal === undefined ? 'came around the proposals' : `came from proposal ${proposal.number}`;
  const why = unmet.map(({ rule, message }) => `${message} (${rule})`).join('; ');
  return {
    cause: 'ApprovalMissing',
    message: `${described(step.to)} ${came}: ${why === '' ? 'the gate refuses it' : why}`,
    hint:
      proposal === undefined
        ? 'Undo it, and propose the change, so that it can be approved.'
        : (unmet.find(({ hint }) => hint !== undefined)?.hint ?? 'Undo it, and propose the change again.'),
  };
}
