/** One generation of a deployment: which versions it holds and which of them answers next. It never changes. */
import { type ResponseTemplate, responseTemplate } from '../protocol/inference-response.ts';
import { answers, type ServedDeployment } from '../routing-table.ts';
import type { Lane } from '../run/lane.ts';
import { WeightedChoice } from './weighted-choice.ts';

export class Route {
  readonly entry: ServedDeployment;
  readonly versions: ReadonlyMap<string, RoutedVersion>;
  readonly #choice: WeightedChoice<RoutedVersion>;
  readonly #shadows: { readonly version: RoutedVersion; readonly weight: number; credit: number }[];

  /** `lanes` holds a lane for every version of the entry. */
  constructor(entry: ServedDeployment, lanes: ReadonlyMap<string, Lane>) {
    this.entry = entry;
    this.versions = new Map(
      entry.versions.map(({ version }) => [version, new RoutedVersion(entry, version, lanes.get(version)!)]),
    );
    this.#choice = new WeightedChoice(
      entry.variants
        .filter(answers)
        .map(({ version, weight }) => ({ option: this.versions.get(version)!, weight })),
    );
    this.#shadows = entry.variants
      .filter(({ role, weight }) => role === 'shadow' && weight > 0)
      .map(({ version, weight }) => ({ version: this.versions.get(version)!, weight, credit: 0 }));
  }

  /** The version that answers the next request. */
  next(): RoutedVersion {
    return this.#choice.next();
  }

  /** The shadows that see this request too. */
  shadows(): readonly RoutedVersion[] {
    const seen: RoutedVersion[] = [];
    for (const shadow of this.#shadows) {
      shadow.credit += shadow.weight;
      if (shadow.credit < 100) continue;
      shadow.credit -= 100;
      seen.push(shadow.version);
    }
    return seen;
  }

  /** The version that speaks for the deployment: the stable one, else the one with the most weight. */
  get main(): RoutedVersion {
    const variants = this.entry.variants.filter(answers);
    const main =
      variants.find(({ role }) => role === 'stable') ?? variants.sort((a, b) => b.weight - a.weight)[0]!;
    return this.versions.get(main.version)!;
  }

  /** Whether every version that answers is ready. */
  get isReady(): boolean {
    return this.entry.variants
      .filter(answers)
      .every(({ version }) => this.versions.get(version)!.lane.held.status.state === 'ready');
  }
}

/** A version as a deployment serves it, with what all of its answers have in common. */
export class RoutedVersion {
  readonly entry: ServedDeployment;
  readonly version: string;
  readonly lane: Lane;
  /** `stable`, `candidate`, `arm` or `shadow`; `warm` where it is only held. */
  readonly variant: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  #template: ResponseTemplate | undefined;

  constructor(entry: ServedDeployment, version: string, lane: Lane) {
    this.entry = entry;
    this.version = version;
    this.lane = lane;
    this.variant = entry.variants.find((variant) => variant.version === version)?.role ?? 'warm';
    this.headers = [
      'switchyard-commit',
      headerValue(entry.commit),
      'switchyard-deployment',
      headerValue(`${entry.environment}/${entry.name}`),
      'switchyard-model-version',
      headerValue(version),
      'switchyard-variant',
      this.variant,
    ];
  }

  /** Only once the version was ready. */
  get template(): ResponseTemplate {
    this.#template ??= responseTemplate(this.lane.held.model!, this.entry.name, this.version);
    return this.#template;
  }
}

/** What a header may carry; anything else is percent-encoded. */
function headerValue(text: string): string {
  return /^[\x21-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}
