import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Forge, forge } from '../../../core/capabilities/forge.ts';
import { definePlugin } from '../../../core/plugin.ts';
import { plugin as forgeGit } from '../../../plugins/forge-git/index.ts';
import { plugin as policies } from '../../../plugins/policies/index.ts';
import { widget, widgetPlugin, Yard } from '../../fixtures/yard.ts';
import { Cast, type Committer, manifest, platform, SignedRegistry, whyNoSigning } from './signed-registry.ts';

if (whyNoSigning !== undefined) console.warn(whyNoSigning);

const width = (size: number) => ({ 'widgets/a.yaml': widget('a', { size }) });
const approved = { approvals: 'required' };

function policy(...rules: object[]): string {
  return manifest('Policy', 'house', { rules });
}

describe.skipIf(whyNoSigning !== undefined)('the admission of approved commits', () => {
  let cast: Cast;
  let yard: Yard;
  let registry: SignedRegistry;
  let ada: Committer;
  let grace: Committer;
  let bob: Committer;
  let mallory: Committer;
  let git: Forge;

  beforeAll(() => {
    cast = new Cast();
    ({ ada, grace, bob, mallory } = cast);
  });
  afterAll(() => cast?.close());
  beforeEach(() => {
    yard = new Yard();
    registry = new SignedRegistry(yard.registry, cast);
  });
  afterEach(() => yard.close());

  async function begin(
    rules: readonly object[] = [{ name: 'four-eyes', approvals: { count: 1, from: { teams: ['risk'] } } }],
    admission: object = approved,
  ): Promise<string> {
    const first = registry.commit(ada, {
      'platform.yaml': platform(admission, ['forge-git']),
      'teams/risk.yaml': cast.team('risk', ada, grace),
      'teams/ops.yaml': cast.team('ops', bob),
      'policies/house.yaml': policy(...rules),
      ...width(1),
    });
    const hand = definePlugin({
      name: 'hand',
      description: 'Lets the test use the forge.',
      needs: { forges: forge },
      setup(_host, { forges }) {
        git = forges.get('git');
      },
    });
    await yard.start({
      plugins: [
        { definition: widgetPlugin(yard.world), options: {} },
        { definition: hand, options: {} },
        { definition: forgeGit, options: {} },
        { definition: policies, options: { admission } },
      ],
    });
    expect(size()).toBe(1);
    return first;
  }

  const size = () => yard.world.get('a');
  async function outcome(): Promise<string> {
    await yard.settle();
    const { commit, applied, held } = yard.kernel.head();
    return commit === applied ? 'applied' : (held?.message ?? 'nothing is held');
  }

  /** Proposes to make the widget so wide, as Bob. */
  async function propose(files: Readonly<Record<string, string>> = width(2), by = bob) {
    return git.open({
      key: 'widen',
      on: registry.git('rev-parse', 'main'),
      changes: new Map(Object.entries(files)),
      message: 'feat: widen\n',
      title: 'Widen',
      body: 'It is wider.',
      author: { name: by.name, email: by.email },
      sign: cast.signer(by),
    });
  }

  async function approve(number: number, head: string, by: Committer, signedBy: Committer | undefined = by) {
    await git.review(number, {
      verdict: 'approve',
      head,
      body: '',
      by: { name: by.name, email: by.email },
      ...(signedBy === undefined ? {} : { sign: cast.signer(signedBy) }),
    });
  }

  /** Merges whatever anybody asks for: the platform is not the only one who can. */
  async function merge(number: number, head: string): Promise<void> {
    const by = { name: mallory.name, email: mallory.email };
    const expectedBase = registry.git('rev-parse', 'main');
    await git.merge(number, { expectedHead: head, expectedBase, message: 'Merge proposal\n', by });
    registry.git('reset', '-q', '--hard');
  }

  it('applies a proposal that was approved as its policies ask, whoever merged it', async () => {
    await begin();
    const { number, head } = await propose();
    await approve(number, head, grace);
    await merge(number, head);
    expect(await outcome()).toBe('applied');
    expect(size()).toBe(2);
  });

  it('does not apply one that was merged around the gate', async () => {
    await begin();
    const { number, head } = await propose();
    await merge(number, head);
    expect(await outcome()).toMatch(
      /^ApprovalMissing: .* came from proposal \d+: needs 1 approval by team risk; has none.*\(Policy\/house, rule four-eyes\)/,
    );
    expect(size()).toBe(1);
  });

  it.each([
    ['its author', () => [ada, ada]],
    ['somebody who is in no team', () => [mallory, mallory]],
    ['somebody under a member’s name', () => [{ ...mallory, name: ada.name, email: ada.email }, mallory]],
    ['a member of another team', () => [bob, bob]],
  ] as const)('does not count the approval of %s', async (_who, make) => {
    await begin();
    const { number, head } = await propose(width(2), ada);
    const [by, signedBy]: readonly Committer[] = make();
    await approve(number, head, by as Committer, signedBy);
    await merge(number, head);
    expect(await outcome()).toMatch(/^ApprovalMissing/);
    expect(size()).toBe(1);
  });

  it('does not apply what came around the proposals', async () => {
    await begin();
    registry.commit(ada, width(9));
    expect(await outcome()).toMatch(
      /^ApprovalMissing: .*by Ada.* came around the proposals: needs 1 approval/,
    );
    expect(size()).toBe(1);
  });

  it('asks for approvals only where a policy does', async () => {
    await begin([{ name: 'widgets', when: 'change.kind == "Widget"', approvals: { count: 1 } }]);
    registry.commit(bob, { 'README.md': 'A registry.\n' });
    expect(await outcome()).toBe('applied');
    registry.commit(bob, width(9));
    expect(await outcome()).toMatch(/^ApprovalMissing/);
  });

  it('asks for approvals alone: checks, soak and freeze were for the merge to meet', async () => {
    await begin([
      { name: 'four-eyes', approvals: { count: 1 }, checks: { pass: ['size'] } },
      { name: 'frozen', freeze: [{ from: '2020-01-01', to: '2099-01-01' }] },
    ]);
    const { number, head } = await propose();
    await approve(number, head, grace);
    await merge(number, head);
    expect(await outcome()).toBe('applied');
  });

  it('does not apply a merge that holds more than what was approved', async () => {
    await begin();
    const { number, head } = await propose();
    await approve(number, head, grace);
    registry.git('reset', '-q', '--hard');
    registry.merge(mallory, head, { unsigned: true });
    registry.git('rm', '-q', '--cached', 'teams/ops.yaml');
    registry.git('commit', '-q', '--amend', '--no-edit', '--no-gpg-sign');
    registry.git('reset', '-q', '--hard');
    expect((await git.get(number))?.state).toBe('merged');
    expect(await outcome()).toMatch(/^MergeAltered: .* holds something else than proposal/);
    expect(size()).toBe(1);
  });

  it('judges a proposal that changes what judges by what judged before', async () => {
    await begin();
    const { number, head } = await propose({
      'policies/house.yaml': policy({ name: 'anything-goes' }),
      'teams/risk.yaml': cast.team('risk', mallory, bob),
    });
    await approve(number, head, mallory);
    await merge(number, head);
    expect(await outcome()).toMatch(/^ApprovalMissing/);
    expect(size()).toBe(1);
  });

  it('lets pass what somebody with the right to it let pass by a label', async () => {
    await begin([
      {
        name: 'four-eyes',
        approvals: { count: 2, from: { teams: ['risk'] } },
        breakGlass: { label: 'break-glass', by: { people: ['Ada'] } },
      },
    ]);
    const { number, head } = await propose();
    const by = { name: ada.name, email: ada.email };
    await git.label(number, 'break-glass', 'add', by, cast.signer(ada));
    await merge(number, head);
    expect(await outcome()).toBe('applied');
    expect(size()).toBe(2);
  });

  it('judges each move of the branch by itself: an approved one does not carry another with it', async () => {
    await begin();
    registry.commit(mallory, { 'widgets/b.yaml': widget('b', { size: 1 }) }, { unsigned: true });
    const { number, head } = await propose();
    await approve(number, head, grace);
    await merge(number, head);
    expect(await outcome()).toMatch(/^ApprovalMissing: .*Mallory.* came around the proposals/);
    expect(size()).toBe(1);
  });

  it('applies nothing while the forge is not there to be asked, and says so', async () => {
    await begin(undefined, { ...approved, forge: 'github' });
    const { number, head } = await propose();
    await approve(number, head, grace);
    await merge(number, head);
    expect(await outcome()).toMatch(/^AdmissionUnknown: .*"github"/);
    expect(size()).toBe(1);
  });

  it('demands signatures and approvals together', async () => {
    await begin(undefined, { approvals: 'required', signatures: 'mainline' });
    const { number, head } = await propose();
    await approve(number, head, grace);
    await merge(number, head);
    expect(await outcome()).toMatch(/^SignatureMissing: .*Mallory/);
    expect(size()).toBe(1);
  });
});
