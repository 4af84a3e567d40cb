import type { LoggingRules } from '../../../../core/capabilities/serving-runtime.ts';
import type { PredictionOrigin } from '../../../../libraries/prediction-batch/index.ts';
import { keyReader } from '../http/key-reader.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import type { ServedDeployment } from '../interface/routing-table.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import { OutlierScorer } from './outlier-scorer.ts';
import { type KeptColumn, keptColumns } from './redaction.ts';

/** How the predictions of one version are logged, as its deployment declares it. */
export class LoggedVersion {
  readonly rules: LoggingRules;
  readonly tenantOf: ((request: RequestFacts) => string | undefined) | undefined;
  /** Of the request; a subject may be an input instead. */
  readonly subjectOf: ((request: RequestFacts) => string | undefined) | undefined;
  readonly #entry: ServedDeployment;
  readonly #version: string;
  readonly #variant: string;
  #columns: LoggedColumns | undefined;

  constructor(entry: ServedDeployment, version: string, variant: string, rules: LoggingRules) {
    this.#entry = entry;
    this.#version = version;
    this.#variant = variant;
    this.rules = rules;
    const { tenant, subject } = rules;
    this.tenantOf = tenant && keyReader(tenant);
    this.subjectOf = subject === undefined || 'input' in subject ? undefined : keyReader(subject);
  }

  /** The same object each time, as long as the model is. */
  columns(model: ModelInterface): LoggedColumns {
    if (this.#columns?.model !== model) this.#columns = this.#columnsOf(model);
    return this.#columns;
  }

  #columnsOf(model: ModelInterface): LoggedColumns {
    const { environment, name, model: modelName, commit } = this.#entry;
    const hasRows = model.batchable;
    const inputs = keptColumns(model.inputs, this.rules, hasRows);
    const outputs = keptColumns(model.outputs, this.rules, hasRows);
    const { subject, outliers: rules = [] } = this.rules;
    const scorer = new OutlierScorer(rules, model.inputs, hasRows);
    const outliers = scorer.isNeeded ? scorer : undefined;
    return {
      model,
      inputs,
      outputs,
      outliers,
      subjectInput:
        subject !== undefined && 'input' in subject
          ? model.inputs.findIndex((input) => input.name === subject.input)
          : -1,
      origin: {
        environment,
        deployment: name,
        model: modelName,
        version: this.#version,
        variant: this.#variant,
        commit,
        hasRows,
        inputs: inputs.map(({ column }) => column),
        outputs: outputs.map(({ column }) => column),
        ...(outliers === undefined ? {} : { hasOutliers: true }),
      },
    };
  }
}

export interface LoggedColumns {
  readonly model: ModelInterface;
  readonly origin: PredictionOrigin;
  readonly inputs: readonly KeptColumn[];
  readonly outputs: readonly KeptColumn[];
  /** Says how outlying inputs are, before anything of them is redacted. */
  readonly outliers: OutlierScorer | undefined;
  /** Position of the input that says whom a prediction is about; -1 where none does. */
  readonly subjectInput: number;
}
