/**
 * One generation of a deployment: which versions it holds and which of them answers next. Its entry never changes; what it has counted goes on from the
 * generation before.
 */
import { CachedVersion } from '../cache/cached-version.ts';
import type { ResponseCache } from '../cache/response-cache.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import { answers, isRouted, type ServedDeployment } from '../interface/routing-table.ts';
import type { Lane } from '../lane/lane.ts';
import { canAnswer } from '../load/held-version.ts';
import { LoggedVersion } from '../logging/logged-version.ts';
import { type ResponseTemplate, responseTemplate } from '../protocol/inference-response.ts';
import { ArmTally } from './arm-tally.ts';
import { type CompiledMatch, compileMatches, fits } from './match.ts';
import { RateLimits } from './rate-limits.ts';
import { Share } from './share.ts';
import { StickyChoice } from './sticky-choice.ts';
import { WeightedChoice } from './weighted-choice.ts';

const none: readonly RoutedVersion[] = [];

export class Route {
  readonly entry: ServedDeployment;
  readonly versions: ReadonlyMap<string, RoutedVersion>;
  /** Those that a request which names none can be led to. */
  readonly routed: readonly RoutedVersion[];
  readonly #choice: WeightedChoice<RoutedVersion>;
  readonly #shadows: readonly { readonly version: RoutedVersion; readonly share: Share }[];
  readonly #matches: readonly CompiledMatch<RoutedVersion>[];
  readonly #sticky: StickyChoice<RoutedVersion> | undefined;
  /** Undefined where there are none. */
  #rates: RateLimits | undefined;
  /** Where weights lead to more than one version. */
  #tally: ArmTally | undefined;

  /** `lanes` holds a lane for every version of the entry; `cache` keeps its answers. */
  constructor(entry: ServedDeployment, lanes: ReadonlyMap<string, Lane>, cache?: ResponseCache) {
    this.entry = entry;
    const { rates = [] } = entry.limits;
    this.#rates = rates.length === 0 ? undefined : new RateLimits(rates);
    this.versions = new Map(
      entry.versions.map(({ version }) => [
        version,
        new RoutedVersion(entry, version, lanes.get(version)!, cache),
      ]),
    );
    this.routed = entry.variants
      .filter((variant) => isRouted(variant, entry.rules))
      .map(({ version }) => this.versions.get(version)!);
    const { matches = [], sticky } = entry.rules ?? {};
    const answering = entry.variants.filter(answers);
    const optionOf = ({ version, weight }: { readonly version: string; readonly weight: number }) => ({
      option: this.versions.get(version)!,
      weight,
    });
    this.#choice = new WeightedChoice(answering.map(optionOf));
    this.#shadows = entry.variants
      .filter(({ role, weight }) => role === 'shadow' && weight > 0)
      .map(({ version, weight }) => ({ version: this.versions.get(version)!, share: new Share(weight) }));
    this.#matches = compileMatches(matches, (version) => this.versions.get(version)!);
    // Stable comes last: as the others grow, keys only move away from it and never between them and back.
    const stableLast = [...answering].sort(
      (a, b) => Number(a.role === 'stable') - Number(b.role === 'stable'),
    );
    const choice = sticky && new StickyChoice(sticky, stableLast.map(optionOf));
    this.#sticky = choice;
    const arms = answering.filter(({ weight }) => weight > 0).map(({ version }) => version);
    const places = choice && ((request: RequestFacts) => choice.placeOf(request));
    this.#tally = arms.length > 1 ? new ArmTally(arms, places) : undefined;
  }

  get rates(): RateLimits | undefined {
    return this.#rates;
  }

  /** The version that answers a request. */
  next(request: RequestFacts): RoutedVersion {
    for (const match of this.#matches) if (fits(match, request)) return match.option;
    return this.#sticky?.of(request) ?? this.#choice.next();
  }

  /** Told once a request that named no version was answered, whatever the answer: see `arms`. */
  answered({ version }: RoutedVersion, request: RequestFacts): void {
    if (this.#tally === undefined) return;
    for (const match of this.#matches) if (fits(match, request)) return;
    this.#tally.answered(version, request);
  }

  /** What versions answered since weights and rules are as they are; undefined where one answers alone. */
  get arms(): Readonly<Record<string, number>> | undefined {
    return this.#tally?.counts();
  }

  /** The version that another name stands for. */
  aliased(name: string): string | undefined {
    const aliases = this.entry.rules?.aliases;
    return aliases !== undefined && Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  }

  /** Keeps the turns of the generation before, so that its weights stay exact across a change of anything else. */
  goOnFrom(before: Route | undefined): void {
    if (JSON.stringify(before?.entry.limits.rates) === JSON.stringify(this.entry.limits.rates))
      this.#rates = before?.rates;
    if (before === undefined || JSON.stringify(before.entry.variants) !== JSON.stringify(this.entry.variants))
      return;
    this.#choice.goOnFrom(before.#choice);
    if (JSON.stringify(before.entry.rules) === JSON.stringify(this.entry.rules)) this.#tally = before.#tally;
    for (const [index, { share }] of this.#shadows.entries()) share.goOnFrom(before.#shadows[index]!.share);
  }

  /** The shadows that see this request too. */
  shadows(): readonly RoutedVersion[] {
    if (this.#shadows.length === 0) return none;
    return this.#shadows.filter(({ share }) => share.take()).map(({ version }) => version);
  }

  /** The version that speaks for the deployment: the stable one, else the one with the most weight. */
  get main(): RoutedVersion {
    const variants = this.entry.variants.filter(answers);
    const main =
      variants.find(({ role }) => role === 'stable') ?? variants.sort((a, b) => b.weight - a.weight)[0]!;
    return this.versions.get(main.version)!;
  }

  /** Whether every version that a request can be led to is ready. */
  get isReady(): boolean {
    return this.routed.every(({ lane }) => canAnswer(lane.held));
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
  /** How its predictions are logged; undefined where they are not. */
  readonly logged: LoggedVersion | undefined;
  /** Undefined where no answers are kept. */
  readonly cached: CachedVersion | undefined;
  #template: ResponseTemplate | undefined;

  constructor(entry: ServedDeployment, version: string, lane: Lane, cache?: ResponseCache) {
    this.entry = entry;
    this.version = version;
    this.lane = lane;
    this.variant = entry.variants.find((variant) => variant.version === version)?.role ?? 'warm';
    const { logging } = entry;
    this.logged = logging && new LoggedVersion(entry, version, this.variant, logging);
    this.cached = cache && new CachedVersion(cache, entry, version);
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
