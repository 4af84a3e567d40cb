import type { Commit } from '../../libraries/git/repository.ts';

/** Why a commit may not be applied, as `AdmissionVerdict` says it. */
export interface AdmissionRefusal {
  readonly cause:
    | 'HistoryRewritten'
    | 'SignatureMissing'
    | 'SignatureInvalid'
    | 'SignatureExpired'
    | 'SignerUnknown'
    | 'SignerRevoked'
    | 'SignerNotAllowed'
    | 'ApprovalMissing'
    | 'MergeAltered'
    | 'JudgesInvalid'
    | 'NobodyMaySign'
    | 'TooManyCommits';
  readonly message: string;
  readonly hint: string;
}

const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A commit in words that fit a log line: `1a2b3c4d5e6f "feat: promote fraud" by Ada <ada@example.com>`. */
export function described({ id, message, committer }: Commit): string {
  const subject = clean(message.split('\n', 1)[0] ?? '', 72);
  return `${short(id)} "${subject}" by ${clean(committer.name, 64)} <${clean(committer.email, 128)}>`;
}

export function short(commit: string): string {
  return commit.slice(0, 12);
}

/** Words of a stranger: they may not look like something else, nor be long. */
function clean(text: string, length: number): string {
  const visible = text.replace(invisible, '\ufffd');
  return visible.length > length ? `${visible.slice(0, length)}…` : visible;
}
