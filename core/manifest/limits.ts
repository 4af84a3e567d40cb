/** What a manifest file may cost. A file beyond them is refused by name; its neighbours are read. */
export const limits = {
  /** Bytes of one file. */
  bytes: 256 * 1024,
  /** Lists and maps inside each other. */
  depth: 64,
  /** Documents in one file. */
  documents: 1_000,
  /** Problems told about one document. */
  problems: 20,
} as const;
