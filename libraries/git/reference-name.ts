import { referenceInvalid } from './errors.ts';

/** Refuses what is not the full name of a reference, by Git's own rules. Throws `ReferenceInvalid`. */
export function checkReference(name: string): void {
  const parts = name.split('/');
  const isFull = parts.length >= 2 && parts[0] === 'refs';
  const badPart = (part: string) => part === '' || part.startsWith('.') || part.endsWith('.lock');
  const badCharacter = [...name].some((one) => one <= ' ' || one === '\x7f' || '~^:?*[\\'.includes(one));
  if (!isFull || parts.some(badPart) || badCharacter || /\.\.|@\{|\.$/.test(name))
    throw referenceInvalid(name);
}
