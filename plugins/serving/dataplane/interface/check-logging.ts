/**
 * Checks what the routing table says about logging. A field that this version does not know is refused: a redaction that is
 * not understood would let through what must not be kept.
 */
import { amount, invalidRoutingTable, list, record, shown, text } from './table-values.ts';

export function checkLogPlace(value: unknown, at: string): void {
  const place = record(value, at);
  text(place.inbox, `${at}/inbox`);
  text(place.keyFile, `${at}/keyFile`);
}

export function checkLogging(value: unknown, at: string): void {
  const logging = record(value, at);
  only(logging, ['sample', 'redact', 'tenant', 'subject', 'outliers'], at);
  const { sample } = logging;
  if (typeof sample !== 'number' || !(sample >= 0 && sample <= 1)) {
    throw invalidRoutingTable(`${at}/sample`, `must be a number from 0 to 1, is ${shown(sample)}`);
  }
  for (const [index, entry] of list(logging.redact, `${at}/redact`).entries()) {
    checkRedaction(entry, `${at}/redact/${index}`);
  }
  if (logging.tenant !== undefined)
    checkSource(logging.tenant, `${at}/tenant`, ['header', 'cookie', 'query']);
  if (logging.subject !== undefined) {
    checkSource(logging.subject, `${at}/subject`, ['header', 'cookie', 'query', 'input']);
  }
  if (logging.outliers === undefined) return;
  for (const [index, rule] of list(logging.outliers, `${at}/outliers`).entries()) {
    checkOutlierRule(rule, `${at}/outliers/${index}`);
  }
}

function checkRedaction(value: unknown, at: string): void {
  const redaction = record(value, at);
  only(redaction, ['name', 'by', 'width'], at);
  text(redaction.name, `${at}/name`);
  const { by, width } = redaction;
  if (by !== 'drop' && by !== 'hash' && by !== 'bucket') {
    throw invalidRoutingTable(`${at}/by`, `must be drop, hash or bucket, is ${shown(by)}`);
  }
  if (by === 'bucket' && !(typeof width === 'number' && Number.isFinite(width) && width > 0)) {
    throw invalidRoutingTable(`${at}/width`, `must be a number above 0, is ${shown(width)}`);
  }
}

function checkOutlierRule(value: unknown, at: string): void {
  const rule = record(value, at);
  text(rule.name, `${at}/name`);
  amount(rule.missing, `${at}/missing`);
  if (rule.type === 'number') {
    if (!Number.isFinite(rule.middle))
      throw invalidRoutingTable(`${at}/middle`, `must be a number, is ${shown(rule.middle)}`);
    amount(rule.below, `${at}/below`);
    amount(rule.above, `${at}/above`);
    return;
  }
  if (rule.type !== 'category')
    throw invalidRoutingTable(`${at}/type`, `must be number or category, is ${shown(rule.type)}`);
  amount(rule.other, `${at}/other`);
  for (const [label, score] of Object.entries(record(rule.levels, `${at}/levels`)))
    amount(score, `${at}/levels/${label}`);
}

function checkSource(value: unknown, at: string, known: readonly string[]): void {
  const source = record(value, at);
  only(source, known, at);
  const [name, ...more] = Object.keys(source);
  if (name === undefined || more.length > 0)
    throw invalidRoutingTable(at, `must have exactly one of ${known.join(', ')}`);
  text(source[name], `${at}/${name}`);
}

function only(value: Record<string, unknown>, known: readonly string[], at: string): void {
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw invalidRoutingTable(`${at}/${name}`, 'is not known here');
  }
}
