/**
 * CEL over `body` for a JSONPath as Kubernetes writes them: `{$.data.items[0].ok}` is `body.data.items[0].ok`. Undefined for
 * what may find several values: wildcards, filters, slices, `..`.
 */
export function celOfJsonPath(path: string): string | undefined {
  const inside = /^\s*\{\s*([^{}]*?)\s*\}\s*$/.exec(path)?.[1];
  if (inside === undefined) return undefined;
  let rest = inside.startsWith('$') ? inside.slice(1) : inside;
  let cel = 'body';
  while (rest !== '') {
    const step = /^(?:\.((?:[^.[\]\\*$@]|\\.)+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\])/.exec(rest);
    if (step === null) return rest === '.' && cel === 'body' ? cel : undefined;
    const [whole, name, index, single, double] = step;
    if (index !== undefined) cel += `[${index}]`;
    else cel += member((name ?? single ?? double ?? '').replaceAll(/\\(.)/g, '$1'));
    rest = rest.slice(whole.length);
  }
  return cel;
}

/** Words of CEL, which cannot stand after a dot. */
const reserved =
  /^(as|break|const|continue|else|false|for|function|if|import|in|let|loop|package|namespace|null|return|true|var|void|while)$/;

function member(name: string): string {
  const isPlain = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && !reserved.test(name);
  return isPlain ? `.${name}` : `[${JSON.stringify(name)}]`;
}
