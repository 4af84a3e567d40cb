import { YamlEditError } from './error.ts';
import { insertWays } from './insert.ts';
import type { CollectionLayout, Layout } from './layout.ts';
import type { Splice } from './lines.ts';
import { mannerOf } from './manner.ts';
import {
  childAt,
  follow,
  holdsCollection,
  isCollection,
  type Place,
  refuseShared,
  refuseSharedWithin,
} from './place.ts';
import { indexOf, looksLikeIndex } from './pointer.ts';
import { removeWays } from './remove.ts';
import { render } from './render.ts';
import { replaceWays } from './replace.ts';
import type { Session } from './session.ts';
import { isSame, type Tree, withNode } from './tree.ts';

/** One edit, as one or more changes of the text. */
export class Task {
  private readonly session: Session;
  private readonly pointer: string;

  constructor(session: Session, pointer: string) {
    this.session = session;
    this.pointer = pointer;
  }

  set(segments: readonly string[], value: Tree): void {
    const { root } = this.session;
    if (root === undefined) {
      this.begin(this.wrapped(segments, value));
      return;
    }
    const { place, rest } = follow(root, segments);
    if (rest.length === 0) {
      this.assign(place.path, value);
      const written = this.at(place.path).layout;
      if (!isSame(written, value, 'any-order'))
        throw this.error('NotVerified', 'the value is not the one asked for', place);
      return;
    }
    this.create(place, rest, value);
  }

  insert(
    segments: readonly string[],
    value: Tree,
    { before, after }: { readonly before?: string; readonly after?: string },
  ): void {
    const key = segments.at(-1);
    if (key === undefined)
      throw this.error('InvalidPointer', 'the whole document cannot be inserted: set it');
    const { root } = this.session;
    const { place, rest } = follow(root ?? nothing, segments.slice(0, -1));
    const neighbour = before ?? after;
    if (root === undefined || rest.length > 0 || !holdsCollection(place)) {
      if (neighbour !== undefined)
        throw this.error('PathMissing', `there is no key ${JSON.stringify(neighbour)}`, place);
      if (root === undefined) this.begin(this.wrapped(segments, value));
      else this.create(place, [...rest, key], value);
      return;
    }
    const { layout } = place;
    if (layout.kind === 'list') {
      if (neighbour !== undefined) throw this.error('WrongType', 'a list has no keys: name the index', place);
      const index = indexOf(key, layout.items.length);
      if (index === undefined)
        throw this.error('WrongType', `${JSON.stringify(key)} is not an index of the list`, place);
      if (index > layout.items.length) throw this.missing(place, key);
      this.put(place, { key: undefined, value, position: index });
      return;
    }
    if (layout.items.some((item) => item.key === key))
      throw this.error('KeyExists', 'the key is there already', place);
    let position = layout.items.length;
    if (neighbour !== undefined) {
      if (before !== undefined && after !== undefined) {
        throw this.error('WrongType', 'a key comes before one or after one, not both', place);
      }
      const found = layout.items.findIndex((item) => item.key === neighbour);
      if (found === -1)
        throw this.error('PathMissing', `there is no key ${JSON.stringify(neighbour)}`, place);
      position = before === undefined ? found + 1 : found;
    }
    this.put(place, { key, value, position });
  }

  append(segments: readonly string[], value: Tree): void {
    const { root } = this.session;
    const list: Tree = { kind: 'list', items: [{ value }] };
    const { place, rest } = follow(root ?? nothing, segments);
    if (root === undefined) this.begin(this.wrapped(segments, list));
    else if (rest.length > 0) this.create(place, rest, list);
    else if (isNull(place.layout)) this.replace(place, list);
    else if (!holdsCollection(place) || place.layout.kind !== 'list') {
      throw this.error('WrongType', 'only a list can be appended to', place);
    } else this.put(place, { key: undefined, value, position: place.layout.items.length });
  }

  remove(segments: readonly string[]): void {
    const { root } = this.session;
    const { place, rest } = follow(root ?? nothing, segments);
    if (rest.length > 0) throw this.missing(place, rest[0] ?? '');
    if (place.member === undefined)
      throw this.error('InvalidPointer', 'the whole document cannot be removed', place);
    this.take(place.member.of, place.member.position);
  }

  /** Makes the value at a path this one by changing as little of it as can be. */
  private assign(path: readonly number[], value: Tree): void {
    const place = this.at(path);
    if (isSame(place.layout, value)) return;
    const isAlike = place.layout.tag === undefined && holdsCollection(place) && place.layout.items.length > 0;
    if (isAlike && value.kind === 'map' && value.items.length > 0 && place.layout.kind === 'map') {
      this.assignMap(path, value);
    } else if (isAlike && value.kind === 'list' && value.items.length > 0 && place.layout.kind === 'list') {
      this.assignList(path, value);
    } else {
      this.replace(place, value);
    }
  }

  private assignMap(path: readonly number[], value: Extract<Tree, { kind: 'map' }>): void {
    let previous: string | undefined;
    for (const { key, value: member } of value.items) {
      const { items } = this.collectionAt(path).layout;
      const position = this.positionOf(path, key);
      if (position !== -1) this.assign([...path, position], member);
      else if (previous === undefined && items.length > 0) {
        this.put(this.collectionAt(path), { key, value: member, position: 0 });
      } else {
        const after = previous === undefined ? -1 : this.positionOf(path, previous);
        this.put(this.collectionAt(path), { key, value: member, position: after + 1 });
      }
      previous = key;
    }
    const wanted = new Set(value.items.map(({ key }) => key));
    for (let position = this.collectionAt(path).layout.items.length - 1; position >= 0; position--) {
      const place = this.collectionAt(path);
      const key = place.layout.kind === 'map' ? (place.layout.items[position]?.key ?? '') : '';
      if (!wanted.has(key)) this.take(place, position);
    }
  }

  private positionOf(path: readonly number[], key: string): number {
    const { layout } = this.collectionAt(path);
    return layout.kind === 'map' ? layout.items.findIndex((item) => item.key === key) : -1;
  }

  private assignList(path: readonly number[], value: Extract<Tree, { kind: 'list' }>): void {
    const old = this.collectionAt(path).layout.items;
    const wanted = value.items;
    const same = (from: number, to: number): boolean => {
      const [one, other] = [old[from], wanted[to]];
      return one !== undefined && other !== undefined && isSame(one.value, other.value);
    };
    const shorter = Math.min(old.length, wanted.length);
    let head = 0;
    while (head < shorter && same(head, head)) head++;
    let tail = 0;
    while (tail < shorter - head && same(old.length - 1 - tail, wanted.length - 1 - tail)) tail++;
    for (let position = head; position < shorter - tail; position++) {
      this.assign([...path, position], wanted[position]!.value);
    }
    for (let position = shorter - tail; position < wanted.length - tail; position++) {
      this.put(this.collectionAt(path), { key: undefined, value: wanted[position]!.value, position });
    }
    for (let position = old.length - tail - 1; position >= wanted.length - tail; position--) {
      this.take(this.collectionAt(path), position);
    }
  }

  /** Makes what is missing below a place: maps on the way, and the value at their end. */
  private create(place: Place, rest: readonly string[], value: Tree): void {
    const [first = '', ...deeper] = rest;
    if (isNull(place.layout)) {
      this.replace(place, this.wrapped(rest, value));
    } else if (place.layout.kind === 'list') {
      throw looksLikeIndex(first)
        ? this.missing(place, first)
        : this.error('WrongType', `${JSON.stringify(first)} is not an index of the list`, place);
    } else if (holdsCollection(place)) {
      const position = place.layout.items.length;
      this.put(place, { key: first, value: this.wrapped(deeper, value), position });
    } else {
      throw this.error('WrongType', `a plain value has no ${JSON.stringify(first)}`, place);
    }
  }

  private wrapped(segments: readonly string[], value: Tree): Tree {
    return segments.reduceRight<Tree>((inner, key) => {
      if (looksLikeIndex(key)) {
        const words = `whether ${JSON.stringify(key)} is meant as a key or an index cannot be told: set the map or list as a whole`;
        throw this.error('PathMissing', words);
      }
      return { kind: 'map', items: [{ key, value: inner }] };
    }, value);
  }

  /** Writes the first value of a document that holds nothing but comments. */
  private begin(value: Tree): void {
    const { lines, document } = this.session;
    const manner = mannerOf(undefined, undefined, lines);
    const ways = [true, false].map((blockText): Splice[] => {
      const rendered = render(value, { ...manner, blockText }, undefined);
      const written =
        rendered.form === 'inline'
          ? [rendered.text]
          : rendered.form === 'lines'
            ? rendered.lines
            : [rendered.head, ...rendered.body.map((line) => (line === '' ? '' : `  ${line}`))];
      const { end } = document;
      const ending = lines.endingAt(end);
      const isAtStart = lines.startOf(end) === end;
      const text = isAtStart
        ? written.map((line) => line + ending).join('')
        : written.map((line) => ending + line).join('');
      return [{ from: end, to: end, text }];
    });
    this.session.change(ways, value, { offset: document.end, pointer: this.pointer });
  }

  private replace(place: Place, value: Tree): void {
    const { lines, root } = this.session;
    if (isSame(place.layout, value)) return;
    refuseShared(place, lines, this.pointer);
    refuseSharedWithin(place, lines, this.pointer);
    const { tag } = place.layout;
    if (tag !== undefined) {
      throw this.error(
        'Tagged',
        `the value has the tag ${tag}, and what that makes of another value is not known here`,
        place,
      );
    }
    if (
      isCollection(place.layout) &&
      place.layout.typeTag !== undefined &&
      place.layout.kind !== value.kind
    ) {
      throw this.error(
        'Tagged',
        'the tag says which kind of value this is, and the new one is of another',
        place,
      );
    }
    const parent = place.member?.of.layout;
    const manner = mannerOf(root, parent, lines);
    const kind = value.kind;
    const isOwnModel = isCollection(place.layout) && place.layout.items.length > 0;
    const model = isOwnModel ? place.layout : modelIn(parent, kind, place.member?.position ?? 0);
    const ways = replaceWays(place, value, manner, lines, model);
    const expected = withNode(root ?? nothing, place.path, () => value);
    this.session.change(ways, expected, { offset: place.layout.start, pointer: this.pointer });
  }

  private put(
    place: Place & { readonly layout: CollectionLayout },
    newcomer: { key: string | undefined; value: Tree; position: number },
  ): void {
    const { lines, root } = this.session;
    const { layout } = place;
    const { key, value, position } = newcomer;
    if (layout.items.length === 0) {
      this.replace(
        place,
        key === undefined ? { kind: 'list', items: [{ value }] } : { kind: 'map', items: [{ key, value }] },
      );
      return;
    }
    refuseShared(place, lines, this.pointer);
    const manner = mannerOf(root, layout, lines);
    const ways = insertWays(place, newcomer, manner, lines, modelIn(layout, value.kind, position - 1));
    const expected = withNode(root ?? nothing, place.path, (node) => {
      if (node.kind === 'map')
        return { ...node, items: node.items.toSpliced(position, 0, { key: key ?? '', value }) };
      return node.kind === 'list' ? { ...node, items: node.items.toSpliced(position, 0, { value }) } : node;
    });
    const neighbour = layout.items[Math.max(0, position - 1)]?.start ?? layout.start;
    this.session.change(ways, expected, { offset: neighbour, pointer: this.pointer });
  }

  private take(place: Place & { readonly layout: CollectionLayout }, position: number): void {
    const { lines, root } = this.session;
    refuseShared(place, lines, this.pointer);
    const child = childAt(place, position);
    if (child === undefined) throw this.missing(place, String(position));
    refuseSharedWithin(child, lines, this.pointer);
    const expected = withNode(root ?? nothing, place.path, (node) => {
      if (node.kind === 'map') return { ...node, items: node.items.toSpliced(position, 1) };
      return node.kind === 'list' ? { ...node, items: node.items.toSpliced(position, 1) } : node;
    });
    const offset = child.member?.item.start ?? place.layout.start;
    this.session.change(removeWays(place, position, lines), expected, { offset, pointer: this.pointer });
  }

  private at(path: readonly number[]): Place {
    let place: Place = { path: [], layout: this.session.root ?? nothing, member: undefined };
    for (const position of path) {
      const next = holdsCollection(place) ? childAt(place, position) : undefined;
      if (next === undefined) throw this.missing(place, String(position));
      place = next;
    }
    return place;
  }

  private collectionAt(path: readonly number[]): Place & { readonly layout: CollectionLayout } {
    const place = this.at(path);
    if (!holdsCollection(place)) throw this.error('WrongType', 'this is neither a map nor a list', place);
    return place;
  }

  private missing(place: Place, segment: string): YamlEditError {
    return this.error('PathMissing', `there is no ${JSON.stringify(segment)}`, place);
  }

  private error(code: YamlEditError['code'], message: string, place?: Place): YamlEditError {
    const offset = place?.member?.item.start ?? place?.layout.start ?? 0;
    return new YamlEditError(code, message, {
      line: this.session.lines.numberOf(offset),
      pointer: this.pointer,
    });
  }
}

const nothing: Layout = { kind: 'scalar', value: null, style: 'empty', start: 0, end: 0, outer: 0 };

function isNull(layout: Layout): boolean {
  return layout.kind === 'scalar' && layout.value === null && layout.tag === undefined;
}

/** The member of a collection that a new one of this kind should look like: the nearest, if all agree on their style. */
function modelIn(parent: CollectionLayout | undefined, kind: Tree['kind'], near: number): Layout | undefined {
  if (kind !== 'map' && kind !== 'list') return undefined;
  const alike = (parent?.items ?? []).flatMap(({ value }, position) =>
    value.kind === kind && value.items.length > 0 ? [{ value, distance: Math.abs(position - near) }] : [],
  );
  alike.sort((one, other) => one.distance - other.distance);
  const nearest = alike[0]?.value;
  if (nearest === undefined || parent?.kind === 'list') return nearest;
  return alike.every(({ value }) => value.flow === nearest.flow) ? nearest : undefined;
}
