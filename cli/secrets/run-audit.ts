import { join } from 'node:path';
import { codeOf, messageOf } from '../../core/errors.ts';
import { checkFolder } from '../../core/manifest/check.ts';
import type { KindDefinition, Ref, Resource } from '../../core/plugin.ts';
import type { AuditOptions } from '../commands/secrets.ts';
import { nothingKnown } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { structured } from '../output/structured.ts';
import { table } from '../output/table.ts';
import { findRegistry } from '../registry-folder.ts';
import { operatorFile, registryKinds } from '../registry-kinds.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { findSecretFile, keyOfPath, openSecretFile } from './secret-file.ts';

/** What is known of one Secret. No value is part of it. */
interface Audited {
  readonly secret: string;
  readonly path: string;
  readonly store: string;
  readonly keys: readonly string[];
  /** For whom it is encrypted. */
  readonly recipients: readonly string[];
  readonly encryptedAt: string | null;
  /** Resources whose manifests name it. */
  readonly usedBy: readonly Ref[];
  /** `verified`: opened, and its MAC fits; `elsewhere`: its values are in another store. */
  readonly verdict: 'verified' | 'elsewhere' | 'notForUs' | 'problem';
  readonly message: string | null;
}

/** Lists every Secret of the registry: who may open it, who uses it, and whether it is as it was encrypted. */
export async function runAudit(options: AuditOptions, terminal: Terminal): Promise<number> {
  const root = await findRegistry(terminal.folder);
  if (root === undefined) throw nothingKnown('a registry around', terminal.folder);
  const kinds = await registryKinds({ root, operatorFile: operatorFile(options, terminal) });
  const { snapshot, issues } = await checkFolder(root, kinds);
  const users = usersIn([...snapshot.resources.values()], kinds);
  const audited: Audited[] = [];
  for (const resource of snapshot.resources.values()) {
    if (resource.kind === 'Secret') audited.push(await audit(resource, users, root, terminal));
  }
  for (const { ref, path, message } of issues) {
    if (!ref?.startsWith('Secret/') || snapshot.resources.has(ref)) continue;
    audited.push({
      secret: ref.slice('Secret/'.length),
      path,
      store: '',
      keys: [],
      recipients: [],
      encryptedAt: null,
      usedBy: users.get(ref) ?? [],
      verdict: 'problem',
      message,
    });
  }
  audited.sort((a, b) => (a.secret < b.secret ? -1 : 1));
  if (audited.length === 0) throw nothingKnown('a Secret', root);
  terminal.out(
    options.output ? structured({ items: audited }, options.output) : forPeople(audited, terminal),
  );
  return audited.some(({ verdict }) => verdict === 'problem') ? exitCodes.problems : exitCodes.success;
}

async function audit(
  resource: Resource,
  users: ReadonlyMap<Ref, readonly Ref[]>,
  root: string,
  terminal: Terminal,
): Promise<Audited> {
  const { store } = resource.spec as {
    readonly store: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  const [[name, place] = ['', {}]] = Object.entries(store);
  const known = {
    secret: resource.metadata.name,
    path: resource.origin.path,
    store: name,
    recipients: [],
    encryptedAt: null,
    usedBy: users.get(resource.ref) ?? [],
    message: null,
  };
  if (name !== 'sops') {
    const { variables, files, keys } = place as Readonly<Record<string, object | undefined>>;
    return { ...known, keys: Object.keys(variables ?? files ?? keys ?? {}), verdict: 'elsewhere' };
  }
  try {
    const file = await findSecretFile(join(root, resource.origin.path), { folder: root });
    const { values, metadata } = await openSecretFile(file, terminal);
    return {
      ...known,
      keys: values.flatMap(({ path, isEncrypted }) => (isEncrypted ? (keyOfPath(path, file) ?? []) : [])),
      recipients: metadata.groups.flatMap(({ age }) => age.map(({ recipient }) => recipient)),
      encryptedAt: metadata.lastModified,
      verdict: 'verified',
    };
  } catch (error) {
    const verdict = codeOf(error) === 'SecretRefused' ? 'notForUs' : 'problem';
    return { ...known, keys: [], verdict, message: messageOf(error) };
  }
}

/** Who refers to which Secret, by what their kinds say. */
function usersIn(
  resources: readonly Resource[],
  kinds: readonly KindDefinition[],
): ReadonlyMap<Ref, readonly Ref[]> {
  const users = new Map<Ref, Ref[]>();
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]));
  for (const resource of resources) {
    for (const { to } of byName.get(resource.kind)?.references?.(resource) ?? []) {
      if (to.startsWith('Secret/')) users.set(to, [...(users.get(to) ?? []), resource.ref]);
    }
  }
  return users;
}

const words = {
  verified: 'verified',
  elsewhere: 'kept elsewhere',
  notForUs: 'not for this machine',
  problem: 'PROBLEM',
} as const;

function forPeople(audited: readonly Audited[], { width, colours }: Terminal): string {
  const rows = audited.map(({ secret, store, keys, recipients, encryptedAt, usedBy, verdict }) => [
    secret,
    store || '-',
    verdict === 'problem' ? colours.red(words.problem) : words[verdict],
    keys.join(', ') || '-',
    recipients.length === 0 ? '-' : String(recipients.length),
    encryptedAt?.slice(0, 10) ?? '-',
    usedBy.join(', ') || '-',
  ]);
  const listed = table(['SECRET', 'STORE', 'VERDICT', 'KEYS', 'RECIPIENTS', 'ENCRYPTED', 'USED BY'], rows, {
    width,
    header: colours.dim,
  });
  const troubles = audited.filter(({ message }) => message !== null);
  const told = troubles.map(({ path, message }) => `${path}: ${oneLine(message ?? '')}\n`).join('');
  return told === '' ? listed : `${listed}\n${told}`;
}
