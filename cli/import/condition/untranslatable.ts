/** A condition that has no equal in CEL over one measurement. */
export class Untranslatable extends Error {
  override readonly name = 'Untranslatable';
  /** The field that holds the condition; empty where that is not known yet. */
  readonly field: string;
  readonly hint: string | undefined;

  constructor(field: string, message: string, hint?: string) {
    super(message);
    this.field = field;
    this.hint = hint;
  }
}

/** Thrown by name: what it is that cannot be translated, and what to do instead. */
export function untranslatable(message: string, hint?: string): Untranslatable {
  return new Untranslatable('', message, hint);
}
