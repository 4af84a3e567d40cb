/** What of Gitea's answers is read here. */
export interface User {
  readonly login: string;
  readonly full_name?: string;
}

export interface PullShown {
  readonly number: number;
  readonly html_url: string;
  readonly state: 'open' | 'closed';
  readonly title: string;
  readonly body: string | null;
  readonly user: User | null;
  readonly labels: readonly { readonly id: number; readonly name: string }[] | null;
  /** `label` is the branch; `ref` is another reference once the branch is gone. */
  readonly head: {
    readonly label: string;
    readonly ref: string;
    readonly sha: string;
    readonly repo_id: number;
  };
  readonly base: { readonly ref: string; readonly repo_id: number };
  readonly mergeable: boolean;
  readonly merged: boolean;
  readonly merged_at: string | null;
  readonly merged_by: User | null;
  readonly merge_commit_sha: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly closed_at: string | null;
}

export interface CommitShown {
  readonly sha: string;
  readonly author: User | null;
  readonly committer: User | null;
  readonly parents: readonly { readonly sha: string }[] | null;
  readonly files?: readonly { readonly filename: string }[] | null;
  readonly commit: {
    readonly message: string;
    readonly author: Written | null;
    readonly committer: Written | null;
  };
}

export interface Written {
  readonly name: string;
  readonly email: string;
  readonly date: string;
}

export interface CommentShown {
  readonly id: number;
  readonly body: string;
  readonly user: User | null;
  readonly updated_at: string;
}

/** One thing that happened to a pull request: `label`, `pull_push`, `close`, … */
export interface EventShown {
  readonly type: string;
  readonly user: User | null;
  readonly created_at: string;
  readonly body: string;
  readonly label?: { readonly name: string } | null;
}

export interface ReviewShown {
  readonly user: User | null;
  readonly state: string;
  readonly body: string;
  readonly commit_id: string;
  readonly stale: boolean;
  readonly dismissed: boolean;
  readonly submitted_at: string;
}

export interface StatusShown {
  readonly id: number;
  readonly status: string;
  readonly context: string;
  readonly description: string;
  readonly updated_at: string;
}
