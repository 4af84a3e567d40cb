import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Pair,
  type ParsedNode,
  Parser,
} from 'yaml';
import { YamlEditError } from './error.ts';
import type { Item, Layout, MapItem, ScalarLayout, ScalarStyle } from './layout.ts';

/** One document of a text. */
export interface ReadDocument {
  /** Undefined where the document holds nothing but comments. */
  readonly root: Layout | undefined;
  /** Where the document's content ends: before `...`, the next `---` or the end of the text. */
  readonly end: number;
  /** The first key that one map has twice. */
  readonly duplicate: { readonly key: string; readonly offset: number } | undefined;
}

const options = {
  version: '1.2',
  schema: 'core',
  merge: false,
  strict: true,
  stringKeys: true,
  prettyErrors: false,
  uniqueKeys: false, // quadratic; ours is linear
  resolveKnownTags: false,
  keepSourceTokens: true,
  logLevel: 'silent',
} as const;

/** The documents of a text, with the place of each value. Refuses what is not YAML. */
export function readDocuments(text: string): ReadDocument[] {
  const lines = new LineCounter();
  const documents: ReadDocument[] = [];
  try {
    const tokens = new Parser(lines.addNewLine).parse(text);
    for (const document of new Composer(options).compose(tokens, true, text.length)) {
      const error = document.errors[0];
      if (error !== undefined) {
        throw new YamlEditError('InvalidYaml', `this is not YAML: ${error.message}`, {
          line: lines.linePos(error.pos[0]).line,
        });
      }
      documents.push(readDocument(document, text));
    }
  } catch (error) {
    if (error instanceof RangeError) {
      throw new YamlEditError('InvalidYaml', 'lists and maps are nested too deeply');
    }
    throw error;
  }
  return documents;
}

/** The tags that name a type of JSON: they say nothing that the value does not. */
const typeTags = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

function readDocument(document: Document.Parsed, text: string): ReadDocument {
  let duplicate: ReadDocument['duplicate'];
  const end = document.range[1];
  const root = document.contents === null ? undefined : layoutOf(document.contents, undefined);
  const isBare = root === undefined || (isEmpty(root) && root.tag === undefined && root.anchor === undefined);
  return { root: isBare ? undefined : root, end, duplicate };

  function layoutOf(node: ParsedNode, properties: readonly CST.SourceToken[] | undefined): Layout {
    const [start, valueEnd] = node.range;
    const outer = properties?.[0]?.offset ?? start;
    if (isAlias(node)) return { kind: 'alias', name: node.source, start, end: valueEnd, outer };
    const { tag, anchor } = node;
    const placed = {
      start,
      outer,
      ...(anchor === undefined ? {} : { anchor }),
      ...(tag === undefined ? {} : typeTags.test(tag) ? { typeTag: tag } : { tag }),
    };
    if (isScalar(node)) return { ...placed, ...scalarOf(node, start, valueEnd) };
    const flow = node.flow === true;
    if (isMap(node)) {
      const braceless = flow && text[start] !== '{';
      const items = readPairs(node.items, flow && !braceless);
      return {
        ...placed,
        kind: 'map',
        flow,
        braceless,
        items,
        end: flow ? valueEnd : endOf(items, valueEnd),
      };
    }
    const items = readItems(
      node.items as ParsedNode[],
      node.srcToken as CST.BlockSequence | CST.FlowCollection,
    );
    return { ...placed, kind: 'list', flow, items, end: flow ? valueEnd : endOf(items, valueEnd) };
  }

  function endOf(items: readonly Item[], otherwise: number): number {
    return items.at(-1)?.end ?? otherwise;
  }

  function readPairs(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], flow: boolean): MapItem[] {
    const seen = new Set<string>();
    const tokens = pairs.map((pair) => pair.srcToken);
    return pairs.map((pair, index) => {
      const token = tokens[index];
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      const [keyStart, keyEnd] = pair.key.range;
      if (seen.has(key)) duplicate ??= { key, offset: keyStart };
      seen.add(key);
      const sign = token?.sep?.find(({ type }) => type === 'map-value-ind');
      const properties = token?.sep?.filter(isProperty) ?? [];
      const after = sign === undefined ? undefined : ended(properties.at(-1) ?? sign);
      const value = pair.value === null ? nothing(after ?? keyEnd) : layoutOf(pair.value, properties);
      const opening = token?.start.find((one) => isProperty(one) || one.type === 'explicit-key-ind');
      const end = isEmpty(value) ? (after ?? keyEnd) : value.end;
      return {
        key,
        keyEnd,
        keyStyle: styleOf(isScalar(pair.key) ? pair.key.type : undefined),
        keyAnchor: pair.key.anchor,
        start: opening?.offset ?? keyStart,
        end,
        after,
        value,
        comma: flow ? (commaOf(tokens[index + 1]) ?? lastComma(index, pairs.length, end)) : undefined,
      };
    });
  }

  function readItems(nodes: readonly ParsedNode[], token: CST.BlockSequence | CST.FlowCollection): Item[] {
    const flow = token.type === 'flow-collection';
    const tokens = flow
      ? token.items
      : token.items.filter(({ start }) => start.some(({ type }) => type === 'seq-item-ind'));
    return nodes.map((node, index) => {
      const started = tokens[index]?.start ?? [];
      const sign = started.find(({ type }) => type === 'seq-item-ind');
      const properties = started.filter(isProperty);
      const last = properties.at(-1) ?? sign;
      const after = last === undefined ? undefined : ended(last);
      const value = layoutOf(node, properties);
      const end = isEmpty(value) ? (after ?? value.end) : value.end;
      return {
        start: (sign ?? properties[0])?.offset ?? value.start,
        end,
        after,
        value,
        comma: flow ? (commaOf(tokens[index + 1]) ?? lastComma(index, nodes.length, end)) : undefined,
      };
    });
  }

  /** The parser keeps a comma after the last member with no member: it is looked for in the text. */
  function lastComma(index: number, count: number, end: number): number | undefined {
    return index === count - 1 ? commaAfter(end) : undefined;
  }

  function commaAfter(offset: number): number | undefined {
    const untilComma = /(?:[ \t\r\n]|#[^\n]*)*,/y;
    untilComma.lastIndex = offset;
    return untilComma.test(text) ? untilComma.lastIndex - 1 : undefined;
  }

  function scalarOf(
    node: { value: unknown; type?: string | null | undefined; srcToken?: unknown; source?: string },
    start: number,
    valueEnd: number,
  ): Pick<ScalarLayout, 'kind' | 'value' | 'style' | 'end'> {
    const { value } = node;
    const known =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
    const style = valueEnd === start ? 'empty' : styleOf(node.type);
    const isBlock = style === 'literal' || style === 'folded';
    return { kind: 'scalar', value: known, style, end: isBlock ? blockEnd(start, valueEnd) : valueEnd };
  }

  /** Blank lines after a block scalar are none of its content, unless its header says `+`. */
  function blockEnd(start: number, end: number): number {
    const content = text.slice(start, end);
    const keeps = /^[|>]\d?\+/.test(content);
    return start + (keeps ? content.replace(/\r?\n$/, '') : content.trimEnd()).length;
  }
}

function nothing(offset: number): ScalarLayout {
  return { kind: 'scalar', value: null, style: 'empty', start: offset, end: offset, outer: offset };
}

function isEmpty(value: Layout): boolean {
  return value.kind === 'scalar' && value.style === 'empty';
}

function isProperty({ type }: CST.SourceToken): boolean {
  return type === 'tag' || type === 'anchor';
}

function ended({ offset, source }: CST.SourceToken): number {
  return offset + source.length;
}

function commaOf(token: CST.CollectionItem | undefined): number | undefined {
  return token?.start.find(({ type }) => type === 'comma')?.offset;
}

const styles = new Map<string, ScalarStyle>([
  ['QUOTE_SINGLE', 'single'],
  ['QUOTE_DOUBLE', 'double'],
  ['BLOCK_LITERAL', 'literal'],
  ['BLOCK_FOLDED', 'folded'],
]);

function styleOf(type: string | null | undefined): ScalarStyle {
  return styles.get(type ?? '') ?? 'plain';
}
