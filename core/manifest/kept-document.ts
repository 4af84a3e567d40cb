import type { LateJson } from '../../libraries/late-json/index.ts';
import type { Attachment, KindDefinition, Metadata, Origin, Ref, Reference, Resource } from '../plugin.ts';
import type { JsonObject } from './json.ts';
import type { ParsedDocument, ParsedFile } from './parse.ts';
import { apiVersion } from './validate.ts';

/** What is written down of a right document: enough to do without what it says until somebody looks. */
export type KeptFacts = readonly [
  ref: Ref,
  line: number,
  column: number,
  digest: string,
  /** What it refers to; null where its kind must be asked. */
  references: readonly Reference[] | null,
];

/** A right document that an earlier process parsed. What it says is read when somebody looks. */
export class KeptDocument implements ParsedDocument {
  readonly line: number;
  readonly column: number;
  readonly digest: string;
  readonly problems: ParsedDocument['problems'] = noProblems;
  readonly torn = false;
  readonly references: readonly Reference[] | null;
  readonly #file: LateJson<ParsedFile>;
  readonly #index: number;

  constructor([, line, column, digest, references]: KeptFacts, file: LateJson<ParsedFile>, index: number) {
    this.line = line;
    this.column = column;
    this.digest = digest;
    this.references = references;
    this.#file = file;
    this.#index = index;
  }

  get value(): ParsedDocument['value'] {
    return this.#file.value.documents[this.#index]?.value;
  }

  get positions(): string {
    return this.#file.value.documents[this.#index]?.positions ?? '';
  }
}

const noProblems: ParsedDocument['problems'] = [];

/** The resource of such a document. A copy of it has all that it has, as of any resource. */
export class KeptResource implements Resource {
  declare readonly ref: Ref;
  declare readonly apiVersion: string;
  declare readonly kind: string;
  declare readonly metadata: Metadata;
  declare readonly spec: unknown;
  declare readonly origin: Origin;
  declare readonly digest: string;
  declare readonly attachments: readonly Attachment[];
  readonly #document: KeptDocument;
  #kind: KindDefinition | undefined;

  constructor(
    { ref, origin, digest, attachments }: Pick<Resource, 'ref' | 'origin' | 'digest' | 'attachments'>,
    document: KeptDocument,
  ) {
    this.#document = document;
    this.ref = ref;
    this.apiVersion = apiVersion;
    this.kind = ref.slice(0, ref.indexOf('/'));
    Object.defineProperties(this, KeptResource.#late);
    this.origin = origin;
    this.digest = digest;
    this.attachments = attachments;
    Object.freeze(this);
  }

  /** Says that its kind would still answer as it did when the document was kept. */
  vouchFor(kind: KindDefinition): void {
    this.#kind = kind;
  }

  /** What its kind said that it refers to, where somebody vouched for that. */
  get declared() {
    const { references } = this.#document;
    return this.#kind && references ? { references, crash: undefined, kind: this.#kind } : undefined;
  }

  static readonly #late: PropertyDescriptorMap & ThisType<KeptResource> = {
    metadata: {
      enumerable: true,
      get() {
        return (this.#document.value as JsonObject).metadata;
      },
    },
    spec: {
      enumerable: true,
      get() {
        return (this.#document.value as JsonObject).spec ?? emptySpec;
      },
    },
  };
}

export const emptySpec: unknown = Object.freeze({});
