/** What became of one field. */
export type FieldOutcome =
  /** It says the same in ours. */
  | 'imported'
  /** It is in ours, and means something else in part: the note says what. */
  | 'changed'
  /** It has no equal, and what it did is not done: the note says why. */
  | 'dropped'
  /** It is about what runs the containers, or belongs to the operator or to another manifest. */
  | 'elsewhere';

export interface FieldReport {
  /** `spec.strategy.canary.steps[0].setWeight`. */
  readonly field: string;
  readonly outcome: FieldOutcome;
  /** Where it stands in ours. */
  readonly to?: string;
  readonly note?: string;
}

/** Why a document was not imported; nothing of it was written. */
export interface RefusalReport {
  readonly code: 'NoEqual' | 'ConditionUntranslatable' | 'SourceInvalid' | 'NameTaken' | 'ImportNotValid';
  readonly field: string;
  readonly message: string;
  readonly hint?: string;
}

export interface DocumentReport {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly name: string;
  /** `remarks`: imported, with fields that were changed or dropped. */
  readonly result: 'imported' | 'remarks' | 'refused' | 'ignored';
  readonly refusal?: RefusalReport;
  /** Why it was ignored. */
  readonly note?: string;
  /** Paths of the manifests that came of it. */
  readonly manifests: readonly string[];
  readonly fields: readonly FieldReport[];
}

/** Thrown while a document is imported: it has no equal as a whole. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly report: RefusalReport;

  constructor(report: RefusalReport) {
    super(report.message);
    this.report = report;
  }
}

/** There is nothing in Switchyard that does this. */
export function noEqual(field: string, message: string, hint?: string): Refusal {
  return new Refusal({ code: 'NoEqual', field, message, ...(hint === undefined ? {} : { hint }) });
}

/** The document is not what its kind says. */
export function sourceInvalid(field: string, message: string): Refusal {
  return new Refusal({ code: 'SourceInvalid', field, message });
}

/** A condition that cannot be written in CEL. */
export function conditionUntranslatable(field: string, message: string, hint?: string): Refusal {
  return new Refusal({
    code: 'ConditionUntranslatable',
    field,
    message: `the condition cannot be translated: ${message}`,
    hint: hint ?? 'Write the condition in CEL by hand: docs/importing.md shows what has an equal.',
  });
}
