/** Names as manifests have them: lower case, digits and hyphens. */
export function nameLike(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
}

/** Names of arguments begin with a letter. */
export function argumentLike(name: string): string {
  const made = nameLike(name);
  return /^[a-z]/.test(made) ? made : `arg-${made}`.slice(0, 63).replace(/-+$/, '');
}
