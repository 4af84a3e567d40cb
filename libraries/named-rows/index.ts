/**
 * Rows of named fields as the tensors of a model, and back: a field is one value a row of an input. Whatever is wrong with a row is
 * told with its field, and concerns that row alone.
 */
export { type Encoded, encodeRows, type NamedRow, type RowProblem } from './encode.ts';
export {
  type FieldPlan,
  type FieldValue,
  fieldsOf,
  isNothing,
  type NamedTensor,
  NoRowsError,
  type PlanOptions,
} from './fields.ts';
export { type FieldProblem, type ReadRows, type ReadRowsOptions, readNamedRows } from './read-rows.ts';
export { toldOfRow } from './told-of-row.ts';
