/** One step from an object to another: `~2` is two first parents, `^2` the second parent, `^{commit}` peels. */
export interface RevisionStep {
  readonly kind: 'ancestor' | 'parent' | 'peel';
  readonly count: number;
}

export interface Revision {
  readonly base: string;
  readonly steps: readonly RevisionStep[];
}

/** Reads `HEAD~1`, `main^2~3`, `v1^{commit}`. Undefined for what has another meaning in Git (`@{…}`, `:/text`). */
export function parseRevision(text: string): Revision | undefined {
  const match = /^([^~^:\s\0]+)((?:~\d*|\^\d*|\^\{(?:commit)?\})*)$/.exec(text);
  if (match === null || match[1]!.includes('@{')) return undefined;
  const steps: RevisionStep[] = [];
  for (const [step] of match[2]!.matchAll(/\^\{\w*\}|[~^]\d*/g)) {
    const count = step.length === 1 ? 1 : Number(step.slice(1));
    if (step.startsWith('^{') || (step[0] === '^' && count === 0)) steps.push({ kind: 'peel', count: 0 });
    else steps.push({ kind: step[0] === '~' ? 'ancestor' : 'parent', count });
  }
  return { base: match[1] === '@' ? 'HEAD' : match[1]!, steps };
}

/** The references that a short name may mean, in the order in which Git tries them. */
export function candidates(name: string): readonly string[] {
  const short = [`refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`, `refs/remotes/${name}`];
  const isWhole = name.startsWith('refs/') || /^[A-Z_]+$/.test(name);
  return [...(isWhole ? [name] : []), ...short, `refs/remotes/${name}/HEAD`];
}
