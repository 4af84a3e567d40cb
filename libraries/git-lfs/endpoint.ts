/** The URL of a remote's LFS server, where nobody names another: `https://host/path.git/info/lfs`. Undefined for a path. */
export function endpointOfRemote(remote: string): string | undefined {
  const short = /^(?:[^/:@\s]+@)?([^/:@\s]{2,}):(?!\/)(.+)$/.exec(remote);
  const text = short === null ? remote : `https://${short[1]}/${short[2]}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  // Git LFS asks over https where Git itself goes over ssh.
  if (url.protocol === 'ssh:') return endpointOfRemote(`https://${url.hostname}${url.pathname}`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path.endsWith('.git') ? path : `${path}.git`}/info/lfs`;
}
