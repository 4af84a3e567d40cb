import type { Kernel } from '../../core/kernel-api.ts';
import { contentTypeMissing, noSuchRoute, unsupportedMediaType } from './errors.ts';

/**
 * Hands a request below `/plugins/<name>/` to that plugin. Types of body that any web page may send without asking are
 * refused, as they are everywhere in this API.
 */
export async function pluginAnswer(kernel: Kernel, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const { plugin, path } = pluginAt(kernel, pathname, '/plugins/');
  refuseSimpleTypes(request);
  const answer = await kernel.route(plugin, path, request);
  if (answer === undefined) throw noSuchRoute(pathname);
  return answer;
}

/**
 * Hands a request below `/proposals/` to the plugin `previews`: versions of a proposal answer there as those of an environment
 * do on the inference port.
 */
export async function previewAnswer(kernel: Kernel, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  // What manages a preview has no body.
  if (request.headers.has('content-type') || pathname.endsWith('/infer')) refuseSimpleTypes(request);
  const answer = await kernel.route('previews', `${pathname.slice('/proposals/'.length)}${search}`, request);
  if (answer === undefined) throw noSuchRoute(pathname);
  return answer;
}

/** Which plugin a path below a prefix means, and what follows its name. Throws `NoSuchRoute` where none runs. */
export function pluginAt(
  kernel: Pick<Kernel, 'plugins'>,
  pathname: string,
  prefix: string,
): { readonly plugin: string; readonly path: string } {
  const inside = decoded(pathname.slice(prefix.length));
  const plugin = kernel
    .plugins()
    .map(({ name }) => name)
    .filter((name) => inside === name || inside.startsWith(`${name}/`))
    .sort((left, right) => right.length - left.length)[0];
  if (plugin === undefined) throw noSuchRoute(pathname);
  return { plugin, path: inside.slice(plugin.length + 1) };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw noSuchRoute(path);
  }
}

const simpleTypes = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

function refuseSimpleTypes(request: Request): void {
  if (request.method === 'GET' || request.method === 'HEAD' || request.body === null) return;
  const type = request.headers.get('content-type');
  // Before any other method, a browser asks. Whether such a request has a body is not known before it is read.
  if (type === null && request.method !== 'POST') return;
  const essence = type?.split(';')[0]?.trim().toLowerCase();
  if (essence === undefined) throw contentTypeMissing();
  if (simpleTypes.includes(essence)) throw unsupportedMediaType(type);
}
