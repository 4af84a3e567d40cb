/** Keys and certificates as people make them: with openssl. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const openssl = (folder: string, ...words: string[]) =>
  execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });

/** Why certificates cannot be made here; undefined where they can. Printed, so that a skip is seen. */
export function whyNoOpenssl(): string | undefined {
  const { status, error } = spawnSync('openssl', ['version'], { stdio: 'ignore' });
  if (error === undefined && status === 0) return undefined;
  console.warn('skipped: there is no openssl here');
  return 'there is no openssl here';
}

/** A pair of keys in files; gives their paths. */
export function makeKey(folder: string, name: string, curve: string): { private: string; public: string } {
  const files = { private: join(folder, `${name}.pem`), public: join(folder, `${name}.pub`) };
  openssl(folder, 'ecparam', '-genkey', '-name', curve, '-noout', '-out', files.private);
  openssl(folder, 'ec', '-in', files.private, '-pubout', '-out', files.public);
  return files;
}

export interface Chain {
  readonly root: string;
  readonly intermediate: string;
  readonly leaf: string;
  /** Of the leaf. */
  readonly key: string;
}

/** A root, an authority below it, and a certificate for release@example.com; gives their paths. */
export function makeAuthority(
  folder: string,
  name = 'ca',
  more: { leaf?: string; intermediate?: string } = {},
): Chain {
  const file = (part: string) => join(folder, `${name}-${part}.pem`);
  const extensions: Record<string, string> = {
    root: 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n',
    intermediate:
      more.intermediate ?? 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n',
    leaf:
      more.leaf ??
      'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectAltName=email:release@example.com\n',
  };
  const issue = (part: string, issuer: string | undefined) => {
    const [key, request, config] = [file(`${part}-key`), file(`${part}-request`), file(`${part}-config`)];
    openssl(folder, 'ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', key);
    openssl(folder, 'req', '-new', '-key', key, '-subj', `/CN=${name} ${part}`, '-out', request);
    writeFileSync(config, extensions[part] ?? '');
    const by =
      issuer === undefined
        ? ['-signkey', key]
        : ['-CA', file(issuer), '-CAkey', file(`${issuer}-key`), '-CAcreateserial'];
    openssl(
      folder,
      'x509',
      '-req',
      '-in',
      request,
      ...by,
      '-days',
      '3650',
      '-extfile',
      config,
      '-out',
      file(part),
    );
  };
  issue('root', undefined);
  issue('intermediate', 'root');
  issue('leaf', 'intermediate');
  return {
    root: file('root'),
    intermediate: file('intermediate'),
    leaf: file('leaf'),
    key: file('leaf-key'),
  };
}

/** Authorities that have all issued each other, having one name and one key; a certificate by them; and a root that none of them comes from. DER. */
export function makeTangle(
  folder: string,
  count: number,
): { readonly leaf: Buffer; readonly authorities: readonly Buffer[]; readonly issuer: string } {
  const { leaf, key } = makeAuthority(folder, 'tangled', {
    leaf: 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,digitalSignature\n',
  });
  const authorities: Buffer[] = [];
  for (let serial = 1; serial <= count; serial++) {
    const [request, config, out] = ['r', 'c', 'o'].map((name) => join(folder, `tangle-${serial}-${name}`));
    writeFileSync(config!, 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n');
    openssl(folder, 'req', '-new', '-key', key, '-subj', '/CN=tangled leaf', '-out', request!);
    const words = ['-signkey', key, '-days', '3650', '-extfile', config!, '-set_serial', String(serial)];
    openssl(folder, 'x509', '-req', '-in', request!, ...words, '-out', out!, '-outform', 'DER');
    authorities.push(readFileSync(out!));
  }
  const config = join(folder, 'tangle-leaf');
  const [request, out] = [join(folder, 'tangle-leaf-r'), join(folder, 'tangle-leaf-o')];
  writeFileSync(config, 'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n');
  openssl(folder, 'req', '-new', '-key', key, '-subj', '/CN=signer', '-out', request);
  const by = ['-CA', leaf, '-CAkey', key, '-set_serial', '99', '-days', '3650', '-extfile', config];
  openssl(folder, 'x509', '-req', '-in', request, ...by, '-out', out, '-outform', 'DER');
  return { leaf: readFileSync(out), authorities, issuer: readFileSync(leaf, 'utf8') };
}
