import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RE2JS } from 're2js';
import { parse } from 'yaml';
import { type RecipientGroups, type Rule, ruleTypes, type SealOptions } from '../../libraries/sops/index.ts';
import { usageError } from '../errors.ts';
import type { SecretFile } from './secret-file.ts';

export type Creation = Pick<SealOptions, 'groups' | 'threshold' | 'rule' | 'macOnlyEncrypted'>;

type Fields = Readonly<Record<string, unknown>>;

/** What a manifest encrypts: its values, and nothing else of it. */
export const manifestRule: Rule = { type: 'encrypted_regex', text: '^values$' };

/**
 * For whom and how a new file is encrypted: the recipients that are named, else what `.sops.yaml` at the registry's root says
 * of its path. Throws `UsageError`.
 */
export async function creationOf(file: SecretFile, recipients: readonly string[] = []): Promise<Creation> {
  const rule = await creationRule(file);
  const groups: RecipientGroups = recipients.length > 0 ? [recipients] : groupsOf(rule ?? {});
  if (groups.length === 0 || groups.some((group) => group.length === 0)) {
    throw usageError(
      `nobody is named for whom ${file.shown} is encrypted`,
      'Give --recipient age1…, or a creation rule with `age` in .sops.yaml.',
    );
  }
  const types = ruleTypes.filter((type) => typeof rule?.[type] === 'string');
  const [type] = types;
  const threshold = recipients.length > 0 ? undefined : rule?.shamir_threshold;
  return {
    groups,
    ...(typeof threshold === 'number' && groups.length > 1 ? { threshold } : {}),
    ...(type === undefined ? {} : { rule: { type, text: String(rule?.[type]) } }),
    ...(file.isManifest ? { rule: manifestRule } : {}),
    macOnlyEncrypted: rule?.mac_only_encrypted === true,
  };
}

/** The first rule of `.sops.yaml` whose path_regex fits, as sops takes it. */
async function creationRule({ root, shown }: SecretFile): Promise<Fields | undefined> {
  const where = join(root, '.sops.yaml');
  const text = await readFile(where, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { creation_rules: rules = [] } = (parse(text) ?? {}) as {
      readonly creation_rules?: readonly Fields[];
    };
    return rules.find(
      ({ path_regex: pattern }) =>
        pattern === undefined || RE2JS.compile(String(pattern)).matcher(shown).find(),
    );
  } catch {
    throw usageError(
      `${where} cannot be read`,
      'Correct it: it holds creation_rules, as sops describes them.',
    );
  }
}

function groupsOf(rule: Fields): RecipientGroups {
  const groups = Array.isArray(rule.key_groups) ? (rule.key_groups as readonly Fields[]) : [];
  if (groups.length > 0) return groups.map(({ age }) => recipientsIn(age));
  const only = recipientsIn(rule.age);
  return only.length === 0 ? [] : [only];
}

/** A list, or a text with commas. */
function recipientsIn(value: unknown): readonly string[] {
  const items = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  return items.map((item) => String(item).trim()).filter((item) => item !== '');
}
