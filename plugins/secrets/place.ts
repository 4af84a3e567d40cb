import { secretPlaceInvalid } from '../../core/capabilities/secret-store-errors.ts';

/** The map of key to text that a Secret gives a store. The schema has judged it; a store is asked by others, too. */
export function textsOf(
  place: Readonly<Record<string, unknown>>,
  store: string,
  field: string,
): readonly (readonly [key: string, text: string])[] {
  const { [field]: map } = place;
  const entries = typeof map === 'object' && map !== null ? Object.entries(map) : [];
  if (entries.length === 0) throw secretPlaceInvalid(`spec.store.${store}.${field}`, 'no key is named');
  return entries.map(([key, text]) => {
    if (typeof text === 'string') return [key, text] as const;
    throw secretPlaceInvalid(`spec.store.${store}.${field}.${key}`, 'it is not a text');
  });
}
