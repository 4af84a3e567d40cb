import { SopsError } from './error.ts';
import { defaultRule, type Rule, ruleTypes } from './rules.ts';

/** What stands under `sops` in an encrypted file. */
export interface Metadata {
  readonly lastModified: string;
  /** Encrypted with the data key, for the time of `lastModified`. */
  readonly mac: string;
  readonly macOnlyEncrypted: boolean;
  readonly rule: Rule;
  /** The data key, or with several groups a part of it in each, for every key of the group. */
  readonly groups: readonly KeyGroup[];
  /** How many groups suffice. */
  readonly threshold: number;
  readonly version: string;
}

export interface KeyGroup {
  readonly age: readonly AgeKey[];
  /** Keys of other sorts, as they stand: kept, and of no use here. */
  readonly others: Readonly<Record<string, readonly unknown[]>>;
}

export interface AgeKey {
  readonly recipient: string;
  /** The data key or its part, as an armored age file. */
  readonly enc: string;
}

type Fields = Readonly<Record<string, unknown>>;

const otherKeys = ['kms', 'gcp_kms', 'hckms', 'azure_kv', 'hc_vault', 'pgp'];

/** The version whose format is written. */
export const formatVersion = '3.11.0';

/** Reads what stands under `sops`; all of its scalars are texts. Throws `SopsError`. */
export function readMetadata(value: unknown): Metadata {
  const fields = record(value, 'the metadata under `sops`');
  const mac = text(fields.mac);
  if (mac === '') throw new SopsError('tampered', 'the MAC is missing: the file may have been changed');
  const lastModified = text(fields.lastmodified);
  if (Number.isNaN(Date.parse(lastModified))) throw new SopsError('malformed', 'lastmodified is no time');
  for (const name of ['encrypted_comment_regex', 'unencrypted_comment_regex']) {
    if (text(fields[name]) !== '') throw new SopsError('unsupported', `it uses ${name}`);
  }
  const rules = ruleTypes.flatMap((type) => {
    const said = text(fields[type]);
    return said === '' ? [] : [{ type, text: said }];
  });
  if (rules.length > 1) throw new SopsError('malformed', 'it has more than one rule of what is encrypted');
  const groups = list(fields.key_groups).map((group) => readGroup(record(group, 'a key group')));
  if (groups.length === 0) groups.push(readGroup(fields));
  const threshold = Number(text(fields.shamir_threshold) || groups.length);
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > groups.length) {
    throw new SopsError('malformed', `shamir_threshold does not fit ${groups.length} key groups`);
  }
  return {
    lastModified,
    mac,
    macOnlyEncrypted: text(fields.mac_only_encrypted) === 'true',
    rule: rules[0] ?? defaultRule,
    groups,
    threshold,
    version: text(fields.version),
  };
}

function readGroup(fields: Fields): KeyGroup {
  const age = list(fields.age).map((value) => {
    const key = record(value, 'an age key');
    return { recipient: text(key.recipient), enc: text(key.enc) };
  });
  const others: Record<string, readonly unknown[]> = {};
  for (const name of otherKeys) if (list(fields[name]).length > 0) others[name] = list(fields[name]);
  return { age, others };
}

/** As SOPS writes it, its fields in order and all of them texts. */
export function metadataFields(metadata: Metadata): Fields {
  const { groups, threshold, rule, macOnlyEncrypted } = metadata;
  const [only] = groups;
  const keys =
    groups.length === 1 && only !== undefined
      ? groupFields(only)
      : { shamir_threshold: String(threshold), key_groups: groups.map(groupFields) };
  return {
    ...keys,
    lastmodified: metadata.lastModified,
    mac: metadata.mac,
    [rule.type]: rule.text,
    ...(macOnlyEncrypted ? { mac_only_encrypted: 'true' } : {}),
    version: metadata.version,
  };
}

function groupFields({ age, others }: KeyGroup): Fields {
  return { ...others, ...(age.length === 0 ? {} : { age }) };
}

function record(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new SopsError('malformed', `${what} is no map`);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
