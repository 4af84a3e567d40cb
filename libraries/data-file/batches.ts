export interface BatchOptions {
  /** Items of a batch. */
  readonly size: number;
  /** Items that are done already. */
  readonly skip: number;
}

/** Items as batches; the last one may be smaller. */
export async function* batchesOf<Item>(
  items: AsyncIterable<Item>,
  { size, skip }: BatchOptions,
): AsyncGenerator<readonly Item[]> {
  let left = skip;
  let batch: Item[] = [];
  for await (const item of items) {
    if (left-- > 0) continue;
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
