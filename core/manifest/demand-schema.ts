import { Ajv } from 'ajv';
import type { JsonSchema } from '../plugin.ts';

let ajv: Ajv | undefined;

/** Throws what is wrong with a JSON Schema itself. One judge for all: compiling it takes longer than all that it judges. */
export function demandSchema(schema: JsonSchema): void {
  ajv ??= new Ajv({ strict: false, logger: false, code: { optimize: false } });
  ajv.validateSchema(schema, true);
}
