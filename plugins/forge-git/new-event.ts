import { forgeRefused } from '../../core/capabilities/forge-errors.ts';
import type { CommitDraft, Identity, Repository } from '../../libraries/git/repository.ts';
import { eventTrailers } from './event.ts';
import { type EventFile, eventFile, formatEventFile, maxEventFile } from './event-file.ts';
import { formatMessage } from './event-message.ts';

export interface NewEvent {
  /** For people: the first line of `git log`. */
  readonly subject: string;
  readonly text?: string;
  /** What counts. */
  readonly says: Parameters<typeof eventTrailers>[0];
  /** Texts, whole. */
  readonly file: EventFile;
  readonly by: Identity;
  readonly sign?: ((payload: Uint8Array) => Promise<string>) | undefined;
  /** Seconds since 1970. Default: now. */
  readonly time?: number;
}

/** Writes the commit of an event on top of others; on top of none it begins a chain. No reference names it yet. */
export function makeEvent(
  repository: Repository,
  parents: readonly string[],
  event: NewEvent,
): Promise<string> {
  return repository.makeCommit(eventDraft(parents, event));
}

/** The commit of an event, before it is written. Throws `ForgeRefused` where its text is too long. */
export function eventDraft(parents: readonly string[], event: NewEvent): CommitDraft {
  const content = formatEventFile(event.file);
  if (Buffer.byteLength(content) > maxEventFile)
    throw forgeRefused('the text of the event', `it is larger than ${maxEventFile} bytes`, 'Shorten it.');
  return {
    message: formatMessage(event.subject, event.text ?? '', eventTrailers(event.says)),
    author: event.by,
    parents,
    changes: new Map([[eventFile, content]]),
    ...(event.sign && { sign: event.sign }),
    ...(event.time !== undefined && { time: event.time }),
  };
}
