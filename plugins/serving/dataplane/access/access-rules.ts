/** Which requests get a line of the access log. */
export interface AccessRules {
  /** Of those that were answered with a status below 400, from 0 to 1; all others have a line. */
  readonly share: number;
}

/** `none`, `errors`, `all`, or a share of what went well: `10%`. Undefined where the text is none of these. */
export function accessRules(text: string): AccessRules | 'none' | undefined {
  if (text === 'none') return 'none';
  if (text === 'errors') return { share: 0 };
  if (text === 'all') return { share: 1 };
  const [, percent] = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text) ?? [];
  const share = Number(percent) / 100;
  return percent !== undefined && share > 0 && share <= 1 ? { share } : undefined;
}
