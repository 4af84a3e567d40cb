import { Ajv } from 'ajv';
import { pluginDuplicate, pluginInvalid, pluginNotFound, pluginOptionsInvalid } from '../errors.ts';
import { demandSchema } from '../manifest/demand-schema.ts';
import type { JsonSchema, PluginDefinition } from '../plugin.ts';
import type { LoadedPlugin } from './plugin-host.ts';

export interface DeclaredPlugin {
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Gives a plugin's module by the name in platform.yaml: the composition root knows where built-in ones are. */
export type ImportPlugin = (name: string) => Promise<unknown>;

/** Loads plugins by name and checks their options. Throws `PluginNotFound`, `PluginInvalid` or `PluginOptionsInvalid`. */
export async function loadPlugins(
  declared: readonly DeclaredPlugin[],
  importPlugin: ImportPlugin,
): Promise<LoadedPlugin[]> {
  const loaded: LoadedPlugin[] = [];
  const seen = new Set<string>();
  for (const { name, options = {} } of declared) {
    if (seen.has(name)) throw pluginDuplicate(name);
    seen.add(name);
    const definition = await definitionOf(name, importPlugin);
    checkOptions(definition, options);
    loaded.push({ definition, options });
  }
  return loaded;
}

async function definitionOf(name: string, importPlugin: ImportPlugin): Promise<PluginDefinition> {
  let module: unknown;
  try {
    module = await importPlugin(name);
  } catch (thrown) {
    throw pluginNotFound(name, thrown);
  }
  const definition = (module as { plugin?: Partial<PluginDefinition> } | undefined)?.plugin;
  if (definition === undefined || definition === null) throw pluginInvalid(name, 'it exports no `plugin`');
  if (typeof definition.name !== 'string') throw pluginInvalid(name, 'its `name` is not a string');
  // Options, settings, folders and routes go by this name: a package must not answer to that of another.
  if (definition.name !== name) throw pluginInvalid(name, `it calls itself "${definition.name}"`);
  if (typeof definition.setup !== 'function') throw pluginInvalid(name, 'it has no `setup` function');
  return definition as PluginDefinition;
}

const noOptions: JsonSchema = { type: 'object', additionalProperties: false };
let ajv: Ajv | undefined;

function checkOptions(definition: PluginDefinition, options: Readonly<Record<string, unknown>>): void {
  const { options: schema = noOptions } = definition;
  demandSchema(schema);
  // One for all plugins, whose schemas may bear the same `$id`: making one takes longer than all of them.
  ajv ??= new Ajv({
    allErrors: true,
    strict: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    code: { optimize: false },
  });
  const validate = ajv.compile(schema);
  if (!validate(options)) throw pluginOptionsInvalid(definition.name, ajv.errorsText(validate.errors));
}
