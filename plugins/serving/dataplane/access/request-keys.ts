/** Whose request it was, where its deployment shares requests out by key: a pseudonym, the same as in the prediction log. */
import { subjectDomain } from '../../../../libraries/prediction-batch/index.ts';
import { keyReader } from '../http/key-reader.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import type { ServedDeployment } from '../interface/routing-table.ts';
import type { PredictionLog } from '../logging/prediction-log.ts';
import type { Router } from '../route/router.ts';

type Reader = (request: RequestFacts) => string | undefined;

export class RequestKeys {
  readonly #router: Router;
  readonly #predictionLog: Pick<PredictionLog, 'pseudonymOf'>;
  readonly #readers = new WeakMap<ServedDeployment, Reader>();

  constructor(router: Router, predictionLog: Pick<PredictionLog, 'pseudonymOf'>) {
    this.#router = router;
    this.#predictionLog = predictionLog;
  }

  /** `answerHeaders` say which deployment answered. */
  of(answerHeaders: readonly string[], request: RequestFacts): string | undefined {
    const at = answerHeaders.indexOf('switchyard-deployment');
    if (at < 0) return undefined;
    const [environment, name = ''] = (answerHeaders[at + 1] ?? '').split('/');
    if (!this.#router.has(environment, name)) return undefined;
    const entry = this.#router.find(environment, name).applied?.entry;
    const by = entry?.rules?.sticky?.by;
    if (entry === undefined || by === undefined) return undefined;
    let reader = this.#readers.get(entry);
    if (reader === undefined) {
      reader = keyReader(by);
      this.#readers.set(entry, reader);
    }
    const key = reader(request);
    return key === undefined ? undefined : this.#predictionLog.pseudonymOf(subjectDomain, key);
  }
}
