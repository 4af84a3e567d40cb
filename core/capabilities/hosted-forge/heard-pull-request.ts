import type { Heard } from './deliveries.ts';

/**
 * What a payload with a pull request as GitHub writes them (Gitea and Forgejo do too) tells of a repository; undefined where
 * it is about another one. Signed or not, it is only a hint to look.
 */
export function heardPullRequest(
  payload: unknown,
  { owner, repo }: { readonly owner: string; readonly repo: string },
): Heard | undefined {
  const said = payload as {
    repository?: { full_name?: unknown } | null;
    pull_request?: { number?: unknown; updated_at?: unknown } | null;
  } | null;
  const name = said?.repository?.full_name;
  if (typeof name !== 'string' || name.toLowerCase() !== `${owner}/${repo}`.toLowerCase()) return undefined;
  const { number, updated_at: at } = said?.pull_request ?? {};
  return {
    ...(Number.isSafeInteger(number) ? { number: number as number } : {}),
    ...(typeof at === 'string' ? { at } : {}),
  };
}
