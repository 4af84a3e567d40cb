/** Who sits at the terminal, as the machine calls them. */
export function userName(environment: Readonly<Record<string, string | undefined>>): string {
  return environment.USER || environment.LOGNAME || 'someone at the command line';
}
