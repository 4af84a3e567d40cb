/** As much of X.509 in DER as is needed to know what a certificate may be used for. */

export interface CertificateUse {
  /** Undefined where the certificate does not say. */
  readonly keyUsage: { readonly digitalSignature: boolean; readonly certificateSign: boolean } | undefined;
  /** Object identifiers in hexadecimal; undefined where it does not say. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly isAuthority: boolean;
  /** Authorities that may stand between this one and a signer. */
  readonly pathLength: number;
  /** E-mail addresses, names of hosts and URIs of who it is for. */
  readonly names: readonly string[];
  /** Critical, and not understood here: the certificate must not be used. */
  readonly unknown: readonly string[];
}

interface Node {
  readonly tag: number;
  readonly value: Buffer;
}

const ids = {
  keyUsage: '551d0f',
  names: '551d11',
  basicConstraints: '551d13',
  extendedKeyUsage: '551d25',
  // They say where to look or by which rules it was made, and forbid nothing.
  harmless: ['551d0e', '551d23', '551d20', '551d1f', '2b06010505070101'],
};

/** Reads the extensions of a certificate. Throws where it is no DER. */
export function certificateUse(der: Uint8Array): CertificateUse {
  const [certificate] = nodesIn(Buffer.from(der));
  const [toBeSigned] = nodesIn(expected(certificate, 0x30).value);
  const held = nodesIn(expected(toBeSigned, 0x30).value).find(({ tag }) => tag === 0xa3);
  const [list] = held === undefined ? [] : nodesIn(held.value);
  const use = {
    keyUsage: undefined as CertificateUse['keyUsage'],
    extendedKeyUsage: undefined as readonly string[] | undefined,
    isAuthority: false,
    pathLength: Number.POSITIVE_INFINITY,
    names: [] as readonly string[],
    unknown: [] as string[],
  };
  for (const extension of list === undefined ? [] : nodesIn(list.value)) {
    const parts = nodesIn(expected(extension, 0x30).value);
    const id = expected(parts[0], 0x06).value.toString('hex');
    const isCritical = parts[1]?.tag === 0x01 && parts[1].value[0] !== 0;
    const [content] = nodesIn(expected(parts.at(-1), 0x04).value);
    if (id === ids.keyUsage) {
      const bits = expected(content, 0x03).value[1] ?? 0;
      use.keyUsage = { digitalSignature: (bits & 0x80) !== 0, certificateSign: (bits & 0x04) !== 0 };
    } else if (id === ids.basicConstraints) {
      const [authority, ...rest] = nodesIn(expected(content, 0x30).value);
      use.isAuthority = authority?.tag === 0x01 && authority.value[0] !== 0;
      const length = rest.find(({ tag }) => tag === 0x02)?.value;
      if (length !== undefined) use.pathLength = length.length === 1 ? (length[0] ?? 0) : 0;
    } else if (id === ids.extendedKeyUsage) {
      use.extendedKeyUsage = nodesIn(expected(content, 0x30).value).map(({ value }) => value.toString('hex'));
    } else if (id === ids.names) {
      use.names = nodesIn(expected(content, 0x30).value)
        .filter(({ tag }) => [0x81, 0x82, 0x86].includes(tag))
        .map(({ value }) => value.toString('latin1'));
    } else if (isCritical && !ids.harmless.includes(id)) use.unknown.push(id);
  }
  return use;
}

function expected(node: Node | undefined, tag: number): Node {
  if (node?.tag !== tag) throw new Error('it is no certificate in DER');
  return node;
}

/** The elements that stand one after the other in these bytes. */
function nodesIn(bytes: Buffer): Node[] {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1] ?? 0x80;
    at += 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 4 || at + count > bytes.length) throw new Error('it is no DER');
      length = bytes.readUIntBE(at, count);
      at += count;
    }
    // Tags of more than one byte are in no certificate.
    if ((tag & 0x1f) === 0x1f || at + length > bytes.length) throw new Error('it is no DER');
    nodes.push({ tag, value: bytes.subarray(at, at + length) });
    at += length;
  }
  return nodes;
}
