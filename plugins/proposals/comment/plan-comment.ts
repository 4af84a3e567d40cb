/** The comment that a reviewer decides by: the verdict first, then what changes, then everything else. */
import type { Proposal } from '../../../core/capabilities/forge.ts';
import type { PlannedChange } from '../../../core/capabilities/registry.ts';
import type { Judgement, Verdict } from '../proposals.ts';
import { checksSection } from './checks-section.ts';
import { counted, seconds } from './figures.ts';
import { code, text, value } from './markdown.ts';
import { modelSection } from './model-section.ts';
import { planSection } from './plan-section.ts';
import { type Section, within } from './section.ts';
import { trafficWords } from './traffic-words.ts';
import { tooShortHint, waitsOf } from './wait-words.ts';

/** At most so many bytes: GitHub takes 65,536 characters. */
export const commentBytes = 60_000;

export function planComment(proposal: Proposal, judgement: Judgement): string {
  const { number, head, base } = judgement;
  const sections: Section[] = [
    { lines: verdictLines(judgement), weight: 0 },
    { lines: diffLines(judgement), weight: 0 },
    { lines: warningLines(proposal, judgement), weight: 0 },
    { lines: missingLines(judgement.verdict), weight: 1 },
    { lines: atAGlance(judgement), weight: 1 },
    ...judgement.models.slice(0, maxModels).map((model) => ({ lines: modelSection(model), weight: 3 })),
    planSection(judgement),
    ...checksSection(judgement.checks),
    { lines: policyLines(judgement.verdict), weight: 2 },
  ];
  const footer = `<sub>Holds for the head ${code(head.slice(0, 12))} on the base ${code(base.slice(0, 12))} alone, and is void when either moves. More: \`switchyard show ${number}\`.</sub>`;
  return within(sections, footer, commentBytes);
}

const maxModels = 10;
const maxWarnings = 5;
const maxWaits = 8;

function verdictLines({ verdict, conflicts, checks }: Judgement): readonly string[] {
  const unmet = verdict.requirements.filter(({ met }) => !met).length;
  if (conflicts.length > 0) return ['## It conflicts with its base'];
  switch (verdict.state) {
    case 'allowed':
      return verdict.breakGlass === null
        ? ['## It may merge']
        : [
            `## It may merge, by breaking the glass`,
            '',
            `> [!CAUTION]`,
            `> With the label ${code(verdict.breakGlass.label)}, ${text(verdict.breakGlass.by)} let it pass in spite of ${counted(verdict.breakGlass.unmet, 'requirement')} not met. This is recorded and alerted.`,
          ];
    case 'pending': {
      const running = checks.filter(({ outcome }) => outcome === 'pending').length;
      return [`## It is being judged: ${counted(running, 'check')} to go`];
    }
    case 'refused':
      return [`## It may not merge yet: ${counted(unmet, 'requirement')} not met`];
  }
}

/** A promotion is one line; more than a few are counted. */
function diffLines({ plan, conflicts }: Judgement): readonly string[] {
  if (conflicts.length > 0) {
    const shown = conflicts.slice(0, 20).map((path) => `- ${code(path)}`);
    return ['A person has to settle:', '', ...shown, ...more(conflicts.length - 20, 'path')];
  }
  if (plan === null) return [];
  if (plan.changes.length === 0) return ['**Nothing that the platform runs changes.**'];
  const shown = plan.changes.slice(0, 5).map((change) => `- ${changeLine(change)}`);
  return [...shown, ...more(plan.changes.length - 5, 'resource')];
}

function changeLine({ ref, type, fields }: PlannedChange): string {
  const [first] = fields;
  if (first === undefined) return `${code(ref)} ${type === 'affected' ? 'is affected' : `is ${type}`}`;
  const rest = fields.length === 1 ? '' : ` and ${counted(fields.length - 1, 'more field')}`;
  return `${code(ref)} ${code(first.pointer)}: ${value(first.before)} → ${value(first.after)}${rest}`;
}

function warningLines({ fromFork }: Proposal, judgement: Judgement): readonly string[] {
  const { held, issues, warnings } = judgement;
  const lines: string[] = [];
  const warn = (message: string): void => void lines.push('> [!WARNING]', `> ${message}`, '');
  if (held !== null)
    warn(`After the merge the platform would hold it (${text(held.reason)}): ${text(held.message)}`);
  if (fromFork) warn('It comes from a fork: nothing secret was at hand while it was judged.');
  const errors = issues.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const [first] = errors;
    const where =
      first === undefined ? '' : ` ${code(`${first.path}:${first.line}`)}: ${text(first.message)}`;
    warn(`${counted(errors.length, 'error')} in the manifests:${where}`);
  }
  for (const { message, hint, where } of warnings.slice(0, maxWarnings)) {
    const place = where === undefined ? '' : `${code(where)}: `;
    warn(`${place}${text(message)}${hint === undefined ? '' : `<br>${text(hint)}`}`);
  }
  if (warnings.length > maxWarnings) warn(`And ${counted(warnings.length - maxWarnings, 'more warning')}.`);
  const short = waitsOf(judgement).filter(({ isTooShort }) => isTooShort);
  for (const { ref, words } of short.slice(0, maxWarnings)) {
    warn(`${code(ref)}: ${text(words)}.<br>${text(tooShortHint)}`);
  }
  return lines;
}

function missingLines({ requirements }: Verdict): readonly string[] {
  const unmet = requirements.filter(({ met }) => !met);
  if (unmet.length === 0) return [];
  const shown = unmet.slice(0, 20).map(({ message, hint, metAt }) => {
    const next = hint === undefined ? '' : ` ${text(hint)}`;
    const when = metAt === undefined ? '' : ` (met by itself at ${text(metAt, 40)})`;
    return `- [ ] **${text(message)}**${when}${next === '' ? '' : `<br>${next.trim()}`}`;
  });
  return ['**What is missing**', '', ...shown, ...more(unmet.length - 20, 'requirement')];
}

function atAGlance(judgement: Judgement): readonly string[] {
  const { plan, blastRadius, duration, verdict } = judgement;
  if (plan === null) return [];
  const rows: [string, string][] = [];
  rows.push(['Blast radius', radiusLines(blastRadius).join('<br>')]);
  const waits = waitsOf(judgement);
  if (waits.length > 0) {
    const shown = waits.slice(0, maxWaits).map(({ words }) => text(words));
    const rest = waits.length > maxWaits ? [`… and ${waits.length - maxWaits} more`] : [];
    rows.push(['Requests wanted', [...shown, ...rest].join('<br>')]);
  }
  const { ms, of, unknown } = duration;
  if (ms !== null) {
    const seen = of.reduce((sum, one) => sum + one.seen, 0);
    const rest = unknown.length === 0 ? '' : `; no history yet of ${counted(unknown.length, 'other')}`;
    rows.push([
      'Predicted duration',
      `about ${seconds(ms)}, from ${counted(seen, 'earlier switch', 'earlier switches')}${rest}`,
    ]);
  } else if (unknown.length > 0) rows.push(['Predicted duration', 'no history yet']);
  const approvals = verdict.approvals.map(({ by }) => text(by.name, 80));
  rows.push(['Approved by', approvals.length === 0 ? 'nobody yet' : approvals.slice(0, 20).join(', ')]);
  return ['| | |', '| --- | --- |', ...rows.map(([name, words]) => `| ${name} | ${words} |`)];
}

function radiusLines({ environments }: Judgement['blastRadius']): readonly string[] {
  if (environments.length === 0) return ['no deployment'];
  const shown = environments.slice(0, 10);
  const lines = shown.map(({ name, touched, deployments, isDefault, traffic }) => {
    const share = `${touched.length} of ${counted(deployments, 'deployment')}`;
    const much =
      traffic === null
        ? ` (${Math.round((100 * touched.length) / deployments)} %)`
        : `, ${trafficWords(traffic)}`;
    return `${code(name)}${isDefault ? ' (the default)' : ''}: ${share}${much}`;
  });
  const unknown = shown.filter(({ traffic }) => traffic === null).map(({ name }) => code(name));
  if (unknown.length === 0) return lines;
  const where = unknown.length === shown.length ? '' : ` in ${unknown.join(', ')}`;
  return [...lines, `How much traffic that is${where}, is not measured here.`];
}

function policyLines({ requirements }: Verdict): readonly string[] {
  if (requirements.length === 0) return [];
  const rows = requirements
    .slice(0, 40)
    .map(
      ({ met, rule, message }) =>
        `| ${met ? 'met' : '**not met**'} | ${text(rule, 160)} | ${text(message)} |`,
    );
  return [
    '### What it must meet',
    '',
    '| | rule | |',
    '| --- | --- | --- |',
    ...rows,
    ...more(requirements.length - 40, 'requirement'),
  ];
}

function more(count: number, what: string): readonly string[] {
  return count > 0 ? [`- … and ${counted(count, `more ${what}`)}`] : [];
}
