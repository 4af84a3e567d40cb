import type { SecretAnswer, SecretStore } from '../../core/capabilities/secret-store.ts';
import { isLastingSecretTrouble } from '../../core/capabilities/secret-store-errors.ts';
import {
  type Controller,
  codeOf,
  messageOf,
  type Outcome,
  type Providers,
  type Request,
  ready,
  stalled,
} from '../../core/plugin.ts';
import { parseDuration } from '../../libraries/duration/index.ts';
import type { SecretSpec } from '../../schemas/generated/secret.ts';
import { storeOf } from './secret.ts';
import type { SecretTable } from './secret-table.ts';

/** What is remembered of a Secret: never a value. */
export interface SecretCell {
  /** When its values changed last, RFC 3339. */
  readonly rotatedAt: string;
}

/** How soon a store that gave nothing is asked again. */
const retryAfter = 15_000;

/** Reads each Secret's values into the table, again and again; while that fails, the last good ones go on. */
export function secretController(
  stores: Providers<SecretStore>,
  table: SecretTable,
  now: () => number = Date.now,
): Controller<SecretSpec, SecretCell> {
  return {
    plan(change) {
      if (change.type === 'removed') {
        return [{ action: 'forget', description: `forget the values of ${change.previous.ref}` }];
      }
      const { name } = storeOf(change.next.spec);
      return [{ action: 'read', description: `read ${change.next.ref} from the store ${name}` }];
    },

    async reconcile(request) {
      const { resource, cell, signal } = request;
      const { name: store, place } = storeOf(resource.spec);
      const secret = resource.metadata.name;
      let answer: SecretAnswer;
      try {
        answer = await stores.get(store).read({ secret, place, files: filesOf(request) }, signal);
      } catch (error) {
        signal.throwIfAborted();
        return failed(error, secret, table, store, cell);
      }
      const isFirst = table.held(secret) === undefined;
      const changed = table.put(secret, answer.values);
      const keys = [...answer.values.keys()];
      let { rotatedAt } = cell ?? {};
      if (changed.length > 0 && !isFirst) {
        rotatedAt = new Date(now()).toISOString();
        await request.save({ rotatedAt });
        await request.record('secret.rotated', `${resource.ref} has new values: ${changed.join(', ')}`, {
          store,
          keys: changed,
          users: table.usersOf(secret),
        });
      }
      const { refresh } = resource.spec;
      const checkAfter = refresh === undefined ? answer.checkAfter : parseDuration(refresh);
      const words = keys.length === 1 ? '1 key' : `${keys.length} keys`;
      return ready('Read', `${words} read from the store ${store}`, {
        ...(checkAfter === undefined ? {} : { checkAfter }),
        facts: { ...answer.facts, store, keys, ...(rotatedAt === undefined ? {} : { rotatedAt }) },
      });
    },

    async remove({ resource }) {
      table.remove(resource.metadata.name);
      return ready('Forgotten', 'its values are forgotten');
    },
  };
}

function failed(
  error: unknown,
  secret: string,
  table: SecretTable,
  store: string,
  cell: SecretCell | undefined,
): Outcome {
  const held = table.held(secret);
  const [reason, message] = [codeOf(error), messageOf(error)];
  if (held !== undefined) {
    return ready('LastGood', 'the values that were read last go on', {
      degraded: { reason, message },
      checkAfter: retryAfter,
      facts: { store, keys: [...held.keys()], ...cell },
    });
  }
  table.trouble(secret, error);
  if (!isLastingSecretTrouble(error)) throw error;
  return stalled(reason, message, { checkAfter: retryAfter, facts: { store } });
}

function filesOf({ resource }: Request<SecretSpec, SecretCell>): ReadonlyMap<string, string> {
  return new Map(resource.attachments.map(({ path, text = '' }) => [path, text]));
}
