import { providerDuplicate, providerMissing } from '../errors.ts';
import type { Capability, Providers } from '../plugin.ts';

/** Who provides what, by capability and name. */
export class ProviderRegistry {
  readonly #byCapability = new Map<
    string,
    Map<string, { readonly plugin: string; readonly value: unknown }>
  >();

  provide<T>(plugin: string, capability: Capability<T>, name: string, value: T): void {
    const named = this.#byCapability.get(capability.name) ?? new Map();
    this.#byCapability.set(capability.name, named);
    const taken = named.get(name);
    if (taken) throw providerDuplicate(capability.name, name, taken.plugin, plugin);
    named.set(name, { plugin, value });
  }

  providersOf<T>(capability: Capability<T>): Providers<T> {
    const named = () => this.#byCapability.get(capability.name);
    return {
      get: (name) => {
        const found = named()?.get(name);
        if (!found) throw providerMissing(capability.name, name, [...(named()?.keys() ?? [])]);
        return found.value as T;
      },
      names: () => [...(named()?.keys() ?? [])],
    };
  }

  /** What one plugin provides. */
  of(plugin: string): { readonly capability: string; readonly name: string }[] {
    const found: { capability: string; name: string }[] = [];
    for (const [capability, named] of this.#byCapability) {
      for (const [name, provider] of named) if (provider.plugin === plugin) found.push({ capability, name });
    }
    return found;
  }
}
