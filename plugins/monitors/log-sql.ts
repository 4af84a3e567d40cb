/** Parts of the SQL that the prediction log is asked by. */

export function sqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Where the values of an input or output stand in a row's document. */
export function pointerTo(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
