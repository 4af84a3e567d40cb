import type { SecretAnswer, SecretQuestion, SecretStore } from '../../core/capabilities/secret-store.ts';
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
  readonly rotatedAt?: string;
  /** What was read last from the registry itself, as it is encrypted there: good after a restart, too. */
  readonly lastGood?: LastGood;
}

interface LastGood {
  readonly store: string;
  readonly place: SecretQuestion['place'];
  readonly files: readonly (readonly [path: string, text: string])[];
}

type SecretRequest = Request<SecretSpec, SecretCell>;

/** How soon a store that gave nothing is asked again. */
const retryAfter = 15_000;

/** Reads each Secret's values into the table, again and again; while that fails, the last good ones go on. */
export function secretController(
  stores: Providers<SecretStore>,
  table: SecretTable,
  now: () => number = Date.now,
): Controller<SecretSpec, SecretCell> {
  async function take(request: SecretRequest, asked: LastGood, answer: SecretAnswer): Promise<Outcome> {
    const { resource, cell } = request;
    const secret = resource.metadata.name;
    const isRotation = table.held(secret) !== undefined;
    const changed = table.put(secret, answer.values);
    const isRotated = isRotation && changed.length > 0;
    const rotatedAt = isRotated ? new Date(now()).toISOString() : cell?.rotatedAt;
    await remember(request, {
      ...(rotatedAt === undefined ? {} : { rotatedAt }),
      ...(asked.files.length === 0 ? {} : { lastGood: asked }),
    });
    if (isRotated) {
      await request.record('secret.rotated', `${resource.ref} has new values: ${changed.join(', ')}`, {
        store: asked.store,
        keys: changed,
        users: table.usersOf(secret),
      });
    }
    const { refresh } = resource.spec;
    const checkAfter = refresh === undefined ? answer.checkAfter : parseDuration(refresh);
    const keys = [...answer.values.keys()];
    const words = keys.length === 1 ? '1 key' : `${keys.length} keys`;
    return ready('Read', `${words} read from the store ${asked.store}`, {
      ...(checkAfter === undefined ? {} : { checkAfter }),
      facts: { ...answer.facts, store: asked.store, keys, ...(rotatedAt === undefined ? {} : { rotatedAt }) },
    });
  }

  async function goOn({ resource, cell, signal }: SecretRequest, error: unknown): Promise<Outcome> {
    const secret = resource.metadata.name;
    const [reason, message] = [codeOf(error), messageOf(error)];
    if (table.held(secret) === undefined && cell?.lastGood !== undefined) {
      await stores
        .get(cell.lastGood.store)
        .read(questionOf(secret, cell.lastGood), signal)
        .then(({ values }) => table.put(secret, values))
        // The trouble of now is what is told.
        .catch(() => signal.throwIfAborted());
    }
    const held = table.held(secret);
    const { name: store } = storeOf(resource.spec);
    if (held === undefined) {
      table.trouble(secret, error);
      if (!isLastingSecretTrouble(error)) throw error;
      return stalled(reason, message, { checkAfter: retryAfter, facts: { store } });
    }
    return ready('LastGood', 'the values that were read last go on', {
      degraded: { reason, message },
      checkAfter: retryAfter,
      facts: {
        store,
        keys: [...held.keys()],
        ...(cell?.rotatedAt === undefined ? {} : { rotatedAt: cell.rotatedAt }),
      },
    });
  }

  return {
    plan(change) {
      if (change.type === 'removed') {
        return [{ action: 'forget', description: `forget the values of ${change.previous.ref}` }];
      }
      const { name } = storeOf(change.next.spec);
      return [{ action: 'read', description: `read ${change.next.ref} from the store ${name}` }];
    },

    async reconcile(request) {
      const { resource, signal } = request;
      const { name: store, place } = storeOf(resource.spec);
      const files = resource.attachments.map(({ path, text = '' }) => [path, text] as const);
      const asked: LastGood = { store, place, files };
      let answer: SecretAnswer;
      try {
        answer = await stores.get(store).read(questionOf(resource.metadata.name, asked), signal);
      } catch (error) {
        signal.throwIfAborted();
        return goOn(request, error);
      }
      return take(request, asked, answer);
    },

    async remove({ resource }) {
      table.remove(resource.metadata.name);
      return ready('Forgotten', 'its values are forgotten');
    },
  };
}

function questionOf(secret: string, { place, files }: LastGood): SecretQuestion {
  return { secret, place, files: new Map(files) };
}

async function remember({ cell, save }: SecretRequest, next: SecretCell): Promise<void> {
  if (Object.keys(next).length > 0 && JSON.stringify(next) !== JSON.stringify(cell)) await save(next);
}
