/** What can be wrong with a text, an edit, or both together. Stable: callers branch on it. */
export type YamlEditErrorCode =
  /** The text is not YAML, or its keys are not text. */
  | 'InvalidYaml'
  /** A map of the document has one key twice. */
  | 'DuplicateKey'
  /** The file has no such document, or has several and none was named. */
  | 'DocumentMissing'
  | 'InvalidPointer'
  /** The value cannot be said in JSON. */
  | 'InvalidValue'
  /** Nothing is at the pointer, or at the key named by `before` or `after`. */
  | 'PathMissing'
  | 'KeyExists'
  /** The pointer leads through a value that has no members, or `append` meets no list. */
  | 'WrongType'
  /** The edit would touch a value that has an anchor or is an alias: it could change another place too. */
  | 'AnchorOrAlias'
  /** The edit would give a new value to a tag that only the reader of the file understands, or that contradicts it. */
  | 'Tagged'
  /** No way of writing was found that says exactly what was asked and nothing else. */
  | 'NotVerified';

/**
 * The only error that this library throws for bad input. `line` counts from 1 and is the place in the text as it was
 * given to the edit that failed; `pointer` is the edit's.
 */
export class YamlEditError extends Error {
  readonly code: YamlEditErrorCode;
  readonly line: number;
  readonly pointer: string;

  constructor(code: YamlEditErrorCode, message: string, { line = 1, pointer = '' } = {}) {
    super(`${message} (line ${line}${pointer === '' ? '' : `, at ${pointer}`})`);
    this.name = 'YamlEditError';
    this.code = code;
    this.line = line;
    this.pointer = pointer;
  }
}
