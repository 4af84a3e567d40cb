/** What a change took away and added, in whole lines with their endings: the shortest such list. */
export function lineDiff(before: string, after: string): { removed: string[]; added: string[] } {
  const one = splitLines(before);
  const other = splitLines(after);
  const common = Array.from({ length: one.length + 1 }, () => new Array<number>(other.length + 1).fill(0));
  for (let row = one.length - 1; row >= 0; row--) {
    for (let column = other.length - 1; column >= 0; column--) {
      common[row]![column] =
        one[row] === other[column]
          ? common[row + 1]![column + 1]! + 1
          : Math.max(common[row + 1]![column]!, common[row]![column + 1]!);
    }
  }
  const removed: string[] = [];
  const added: string[] = [];
  let row = 0;
  let column = 0;
  while (row < one.length || column < other.length) {
    if (row < one.length && column < other.length && one[row] === other[column]) {
      row++;
      column++;
    } else if (
      column >= other.length ||
      (row < one.length && common[row + 1]![column]! >= common[row]![column + 1]!)
    ) {
      removed.push(one[row++]!);
    } else {
      added.push(other[column++]!);
    }
  }
  return { removed, added };
}

function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
