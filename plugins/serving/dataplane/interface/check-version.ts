import { isDatatype } from '../tensor/datatypes.ts';
import { amount, integer, invalidRoutingTable, list, record, shown, text } from './table-values.ts';

/** Checks a version that a deployment pins, and gives its name. */
export function checkVersion(value: unknown, at: string): string {
  const pinned = record(value, at);
  const version = text(pinned.version, `${at}/version`);
  const digest = text(pinned.digest, `${at}/digest`);
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw invalidRoutingTable(`${at}/digest`, 'must be sha256: and 64 lower-case hexadecimal digits');
  }
  text(pinned.path, `${at}/path`);
  integer(pinned.size, `${at}/size`, 0);
  const signature = record(pinned.signature, `${at}/signature`);
  for (const side of ['inputs', 'outputs'] as const) {
    const names = new Set<string>();
    const specs = list(signature[side], `${at}/signature/${side}`);
    if (specs.length === 0)
      throw invalidRoutingTable(`${at}/signature/${side}`, 'must name at least one tensor');
    for (const [index, spec] of specs.entries()) {
      const name = checkTensor(spec, `${at}/signature/${side}/${index}`, -1);
      if (names.has(name))
        throw invalidRoutingTable(`${at}/signature/${side}/${index}`, `names ${name} twice`);
      names.add(name);
      const { columns = [], classes = [] } = record(spec, at);
      for (const [field, said] of Object.entries({ columns, classes })) {
        const where = `${at}/signature/${side}/${index}/${field}`;
        for (const [place, one] of list(said, where).entries()) text(one, `${where}/${place}`);
      }
    }
  }
  for (const [index, example] of list(pinned.examples, `${at}/examples`).entries()) {
    checkExample(example, `${at}/examples/${index}`);
  }
  if (pinned.placement !== undefined && !['auto', 'inline', 'worker'].includes(String(pinned.placement))) {
    throw invalidRoutingTable(`${at}/placement`, 'must be auto, inline or worker');
  }
  if (pinned.replicas !== undefined) integer(pinned.replicas, `${at}/replicas`, 1);
  if (pinned.session !== undefined) checkSession(pinned.session, `${at}/session`);
  return version;
}

function checkSession(value: unknown, at: string): void {
  const session = record(value, at);
  for (const name of ['intraOpThreads', 'interOpThreads']) {
    if (session[name] !== undefined) integer(session[name], `${at}/${name}`, 1);
  }
  // The runtime says which of them it knows.
  for (const name of ['provider', 'graphOptimization', 'executionMode']) {
    if (session[name] !== undefined) text(session[name], `${at}/${name}`);
  }
}

function checkExample(value: unknown, at: string): void {
  const example = record(value, at);
  text(example.name, `${at}/name`);
  for (const side of ['inputs', 'outputs'] as const) {
    for (const [index, entry] of list(example[side], `${at}/${side}`).entries()) {
      const where = `${at}/${side}/${index}`;
      checkTensor(entry, where, 0);
      const tensor = record(entry, where);
      const elements = (tensor.shape as number[]).reduce((product, dimension) => product * dimension, 1);
      const data = list(tensor.data, `${where}/data`);
      if (data.length !== elements) {
        throw invalidRoutingTable(`${where}/data`, `holds ${data.length} values for a shape of ${elements}`);
      }
    }
  }
  if (example.tolerance === undefined) return;
  const tolerance = record(example.tolerance, `${at}/tolerance`);
  if (tolerance.absolute !== undefined) amount(tolerance.absolute, `${at}/tolerance/absolute`);
  if (tolerance.relative !== undefined) amount(tolerance.relative, `${at}/tolerance/relative`);
}

function checkTensor(value: unknown, at: string, smallest: number): string {
  const tensor = record(value, at);
  const name = text(tensor.name, `${at}/name`);
  const datatype = text(tensor.datatype, `${at}/datatype`);
  if (!isDatatype(datatype))
    throw invalidRoutingTable(`${at}/datatype`, `${shown(datatype)} is not a datatype`);
  for (const [index, dimension] of list(tensor.shape, `${at}/shape`).entries()) {
    integer(dimension, `${at}/shape/${index}`, smallest);
  }
  return name;
}
