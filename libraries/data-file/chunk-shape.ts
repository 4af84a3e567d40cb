import type { ColumnMetaData, ParquetType, SchemaElement } from 'hyparquet';

/** What the schema says of the values of one chunk. */
export interface ChunkShape {
  readonly type: ParquetType;
  /** Bytes of a value, where each has as many. */
  readonly length: number;
  readonly isDecimal: boolean;
  readonly isCompressed: boolean;
  /** Whether it has a value, or none, for each row, and not lists of them. */
  readonly isFlat: boolean;
  /** The highest levels of repetition and of definition; 0 where none are written. */
  readonly repetition: number;
  readonly definition: number;
}

/** `path`: from the column to where its values are. */
export function shapeOf(path: readonly SchemaElement[], { type, codec }: ColumnMetaData): ChunkShape {
  const end = path.at(-1);
  const repetition = path.filter(({ repetition_type: how }) => how === 'REPEATED').length;
  return {
    type,
    length: lengthOf(type, end?.type_length),
    isDecimal: end?.converted_type === 'DECIMAL',
    isCompressed: codec !== 'UNCOMPRESSED',
    isFlat: path.length === 1 && repetition === 0 && !end?.num_children,
    repetition,
    definition: path.filter(({ repetition_type: how }) => how !== 'REQUIRED').length,
  };
}

function lengthOf(type: ParquetType, fixed: number | undefined): number {
  if (type === 'FIXED_LEN_BYTE_ARRAY') return fixed ?? 0;
  return type === 'INT32' || type === 'FLOAT' ? 4 : 8;
}
