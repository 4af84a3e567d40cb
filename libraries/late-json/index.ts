/** A JSON text that is read when somebody asks what it says, and then once. What it says is frozen. */
export class LateJson<Value> {
  #text: string | undefined;
  #value: Value | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Throws `SyntaxError` where the text is not JSON. */
  get value(): Value {
    if (this.#text !== undefined) {
      this.#value = deepFreeze(JSON.parse(this.#text) as Value);
      this.#text = undefined;
    }
    return this.#value as Value;
  }
}

/** Freezes a tree of JSON, which has no circles. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const children = value as Record<string, unknown>;
  for (const key in children) {
    const child = children[key];
    if (typeof child === 'object' && child !== null) deepFreeze(child);
  }
  return Object.freeze(value);
}
