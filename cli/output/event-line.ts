import type { Events } from '../../core/plugin.ts';
import { type Colours, oneLine } from '../terminal.ts';
import { journalLine, localTime } from './journal-line.ts';

/** One event of the kernel on one line. */
export function eventLine<Name extends keyof Events>(
  name: Name,
  data: Events[Name],
  colours: Colours,
): string {
  const { dim, cyan, bold, green, red, yellow } = colours;
  const line = (about: string, ...more: string[]) =>
    `${[dim(localTime(new Date().toISOString())), cyan(name.padEnd(20)), bold(about), ...more].filter(Boolean).join('  ')}\n`;
  switch (name) {
    case 'journal.appended':
      return journalLine((data as Events['journal.appended']).entry, colours);
    case 'snapshot.applied': {
      const { commit, resources, issues } = data as Events['snapshot.applied'];
      return line(commit.slice(0, 10), `${resources} resources`, issues > 0 ? red(`${issues} issues`) : '');
    }
    case 'snapshot.held': {
      const { commit, reason, message } = data as Events['snapshot.held'];
      return line(commit.slice(0, 10), yellow(reason), oneLine(message));
    }
    case 'plan.made': {
      const { from, to, steps } = data as Events['plan.made'];
      return line(`${from?.slice(0, 10) ?? 'nothing'} → ${to.slice(0, 10)}`, `${steps} steps`);
    }
    case 'resource.status': {
      const { ref, status } = data as Events['resource.status'];
      const ready = status.conditions.find((condition) => condition.type === 'Ready');
      const word = ready?.status === 'True' ? green('Ready') : red('NotReady');
      return line(ref, word, ready?.reason ?? '', oneLine(ready?.message ?? ''));
    }
    default:
      return line((data as { ref?: string }).ref ?? '');
  }
}
