import type { Condition } from '../../core/plugin.ts';
import { sayWhyKept, whyKept } from '../client/kept-resources.ts';
import type { ShownKind, ShownResource } from '../client/resources.ts';
import { type Colours, oneLine, type Terminal } from '../terminal.ts';
import { age } from './age.ts';
import { table } from './table.ts';

/** Resources of one kind as a table: name, scope, the kind's own columns, and how they are. */
export function resourceTable(
  kind: ShownKind,
  resources: readonly ShownResource[],
  terminal: Terminal,
  options: { readonly wide: boolean; readonly now: number; readonly header?: boolean },
): string {
  const columns = kind.columns ?? [];
  const titles = [
    ...(kind.scope ? [kind.scope.toUpperCase()] : []),
    'NAME',
    ...columns.map((column) => column.title.toUpperCase()),
    'READY',
    'STATUS',
    'AGE',
    ...(options.wide ? ['COMMIT', 'ORIGIN'] : []),
    'MESSAGE',
  ];
  const rows = resources.map((shown) => {
    const [, ...parts] = shown.ref.split('/');
    const { origin } = shown;
    return [
      ...(kind.scope ? [parts.slice(0, -1).join('/')] : []),
      parts.at(-1) ?? '',
      ...columns.map((column) => cellAt(shown, column.pointer)),
      ...state(shown, terminal.colours),
      age(readyOf(shown)?.lastTransitionTime, options.now),
      ...(options.wide
        ? [
            origin?.commit.slice(0, 10) ?? '-',
            origin ? `${origin.path}:${origin.line}` : (issuePlace(shown) ?? '-'),
          ]
        : []),
      oneLine(messageOf(shown)),
    ];
  });
  return table(options.header === false ? [] : titles, rows, {
    width: terminal.width,
    header: terminal.colours.dim,
  });
}

/** Whether something is as declared, in one word and its reason: what most needs a look comes first. */
export function state(shown: ShownResource, colours: Colours): [ready: string, status: string] {
  const ready = readyOf(shown);
  const [word, colour] =
    ready?.status === 'True'
      ? ['True', colours.green]
      : ready?.status === 'False'
        ? ['False', colours.red]
        : ['Unknown', colours.yellow];
  return [colour(word), reasonOf(shown, colours)];
}

export function readyOf(shown: ShownResource): Condition | undefined {
  return conditionOf(shown, 'Ready');
}

function reasonOf(shown: ShownResource, colours: Colours): string {
  if (shown.status?.suspended) return colours.yellow('Suspended');
  const degraded = conditionOf(shown, 'Degraded');
  if (degraded?.status === 'True') return colours.yellow(degraded.reason);
  const kept = whyKept(shown);
  if (kept !== undefined) return colours.yellow(kept.code);
  const progressing = conditionOf(shown, 'Progressing');
  if (progressing?.status === 'True') return colours.cyan(progressing.reason);
  return readyOf(shown)?.reason ?? shown.issues[0]?.code ?? 'Pending';
}

function messageOf(shown: ShownResource): string {
  const degraded = conditionOf(shown, 'Degraded');
  if (degraded?.status === 'True') return degraded.message;
  const kept = whyKept(shown);
  if (kept !== undefined) return sayWhyKept(kept);
  const progressing = conditionOf(shown, 'Progressing');
  if (progressing?.status === 'True') return progressing.message;
  return readyOf(shown)?.message ?? shown.issues[0]?.message ?? '';
}

export function conditionOf(shown: ShownResource, type: Condition['type']): Condition | undefined {
  return shown.status?.conditions.find((condition) => condition.type === type);
}

function issuePlace(shown: ShownResource): string | undefined {
  const [issue] = shown.issues;
  return issue && `${issue.path}:${issue.line}`;
}

function cellAt(shown: ShownResource, pointer: string): string {
  let value: unknown = shown;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }
  if (value === undefined || value === null) return '-';
  if (Array.isArray(value))
    return oneLine(value.every((item) => typeof item !== 'object') ? value.join(', ') : `${value.length}`);
  return oneLine(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
