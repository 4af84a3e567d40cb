import type { Head } from '../../core/kernel-api.ts';
import type { Issue } from '../../core/manifest/issue.ts';
import type { Condition } from '../../core/plugin.ts';
import { type Api, connect } from '../client/api.ts';
import { sayWhyKept, whyKept } from '../client/kept-resources.ts';
import { type Processes, readProcesses } from '../client/processes.ts';
import { readResources, type ShownResource } from '../client/resources.ts';
import type { StatusOptions } from '../commands/status.ts';
import { exitCodes } from '../exit-codes.ts';
import { age } from '../output/age.ts';
import { conditionOf, readyOf } from '../output/resources.ts';
import { structured } from '../output/structured.ts';
import { table } from '../output/table.ts';
import { oneLine, type Terminal } from '../terminal.ts';

interface PlatformStatus {
  readonly api: string;
  readonly inference: string | undefined;
  readonly head: Head;
  readonly resources: {
    readonly total: number;
    readonly ready: number;
    readonly notReady: number;
    readonly progressing: number;
    readonly degraded: number;
    readonly suspended: number;
  };
  readonly issues: { readonly errors: number; readonly warnings: number };
  /** Of the inference processes; null where no serving plugin answers. */
  readonly processes: Processes | null;
  readonly notReady: readonly Told[];
  /** What is ready and yet not all that is declared, and why. */
  readonly degraded: readonly Told[];
  /** What the newest commit no longer declares, and why it goes on. */
  readonly kept: readonly Told[];
}

interface Told {
  readonly ref: string;
  readonly reason: string;
  readonly message: string;
}

/** Shows how the platform is. */
export async function runStatus(options: StatusOptions, terminal: Terminal): Promise<number> {
  const status = await readStatus(await connect(options, terminal));
  terminal.out(options.output ? structured(status, options.output) : screen(status, terminal));
  const { head, resources, issues } = status;
  const isReached = resources.ready === resources.total && resources.degraded === 0;
  const isWell = !head.held && !head.error && isReached && issues.errors === 0;
  return isWell ? exitCodes.success : exitCodes.problems;
}

async function readStatus(api: Api): Promise<PlatformStatus> {
  const [head, resources, issues, processes] = await Promise.all([
    api.get<Head>('/head'),
    readResources(api, {}),
    api.get<{ items: readonly Issue[] }>('/issues').then((page) => page.items),
    readProcesses(api),
  ]);
  const has = (shown: ShownResource, type: Condition['type']) => conditionOf(shown, type)?.status === 'True';
  const notReady = resources.filter((shown) => !has(shown, 'Ready'));
  const degraded = resources.filter((shown) => has(shown, 'Degraded'));
  return {
    api: api.url,
    inference: api.inference,
    head,
    resources: {
      total: resources.length,
      ready: resources.length - notReady.length,
      notReady: notReady.length,
      progressing: resources.filter((shown) => has(shown, 'Progressing')).length,
      degraded: degraded.length,
      suspended: resources.filter((shown) => shown.status?.suspended).length,
    },
    issues: {
      errors: issues.filter((issue) => issue.severity === 'error').length,
      warnings: issues.filter((issue) => issue.severity === 'warning').length,
    },
    processes: processes ?? null,
    notReady: notReady.map((shown) => ({
      ref: shown.ref,
      reason: readyOf(shown)?.reason ?? shown.issues[0]?.code ?? 'Pending',
      message: readyOf(shown)?.message ?? shown.issues[0]?.message ?? '',
    })),
    degraded: degraded.flatMap((shown) => {
      const condition = conditionOf(shown, 'Degraded');
      // What is not ready is told of as that.
      if (condition === undefined || notReady.includes(shown)) return [];
      return [{ ref: shown.ref, reason: condition.reason, message: condition.message }];
    }),
    kept: resources.flatMap((shown) => {
      const why = whyKept(shown);
      return why === undefined ? [] : [{ ref: shown.ref, reason: why.code, message: sayWhyKept(why) }];
    }),
  };
}

function screen(status: PlatformStatus, terminal: Terminal): string {
  const { bold, dim, green, red, yellow } = terminal.colours;
  const { head, resources, issues, processes } = status;
  const upToDate = head.applied !== null && head.applied === head.commit;
  const rows = [
    ['registry', `${oneLine(head.repository)} ${dim(oneLine(head.reference))}`],
    [
      'head',
      `${short(head.commit)}${head.lookedAt ? dim(`  looked at ${age(head.lookedAt, Date.now())} ago`) : ''}`,
    ],
    ['applied', upToDate ? green(short(head.applied)) : yellow(short(head.applied))],
    ...(head.held
      ? [['held', `${yellow(short(head.held.commit))} ${head.held.reason}: ${oneLine(head.held.message)}`]]
      : []),
    ...(head.error ? [['error', red(`${head.error.code}: ${oneLine(head.error.message)}`)]] : []),
    [
      'resources',
      [
        `${resources.total} in all`,
        green(`${resources.ready} ready`),
        ...(resources.notReady > 0 ? [red(`${resources.notReady} not ready`)] : []),
        ...(resources.progressing > 0 ? [`${resources.progressing} progressing`] : []),
        ...(resources.degraded > 0 ? [yellow(`${resources.degraded} degraded`)] : []),
        ...(resources.suspended > 0 ? [yellow(`${resources.suspended} suspended`)] : []),
      ].join(', '),
    ],
    [
      'issues',
      issues.errors + issues.warnings === 0
        ? green('none')
        : [
            ...(issues.errors > 0 ? [red(plural(issues.errors, 'error'))] : []),
            ...(issues.warnings > 0 ? [yellow(plural(issues.warnings, 'warning'))] : []),
          ].join(', '),
    ],
    ...(processes
      ? [
          [
            'inference',
            `${processes.live < (processes.expected ?? 1) ? red(String(processes.live)) : processes.live} of ${processes.expected ?? '?'} processes live, ${processes.following} up to date`,
          ],
        ]
      : []),
    ['API', `${status.api}${dim(`  reference ${status.api}/docs`)}`],
    ...(status.inference ? [['answers at', status.inference]] : []),
  ];
  const width = terminal.width;
  const about = table(
    [],
    rows.map(([name = '', value = '']) => [dim(name), value]),
    // An address or the reason of an error is of no use when it is cut.
    { width: Number.POSITIVE_INFINITY },
  );
  const next = head.held ? nextFor(head.held, head.applied) : '';
  const listed = (title: string, all: readonly Told[], of: { readonly width: number }) =>
    all.length === 0
      ? ''
      : `\n${table(
          [title, 'REASON', 'MESSAGE'],
          all.map((one) => [bold(one.ref), one.reason, oneLine(one.message)]),
          { ...of, header: dim },
        )}`;
  // Why something goes on is of no use when it is cut: what to do stands at its end.
  const whole = { width: Number.POSITIVE_INFINITY };
  return `${about}${next}${listed('NOT READY', status.notReady, { width })}${listed('DEGRADED', status.degraded, { width })}${listed('REMOVED, KEPT', status.kept, whole)}`;
}

/** What to do about a held commit: look first, then let it through. */
function nextFor({ commit, reason }: NonNullable<Head['held']>, applied: string | null): string {
  const look = `switchyard plan --from ${applied === null ? 'nothing' : short(applied)} --to ${short(commit)}`;
  // A dry run holds every commit, and nobody can let one through.
  if (reason === 'DryRun') return `\nSee what it would do: ${look}\n`;
  // Nor may anybody let through what was not admitted.
  if (reason === 'SnapshotRejected') {
    return `\nSee what it would do:  ${look}\nSee who made it:       git show --show-signature ${short(commit)}\nWhat to do:            docs/admission.md\n`;
  }
  return `\nSee what it would do:  ${look}\nLet it through:        switchyard acknowledge ${short(commit)}\n`;
}

function short(commit: string | null): string {
  return commit?.slice(0, 10) ?? 'none yet';
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
