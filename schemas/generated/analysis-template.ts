// Written by `npm run generate` from schemas/analysis-template.schema.json: edit that file instead.

/**
 * What to measure about a version, and what counts as good.
 */
export interface AnalysisTemplate {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always AnalysisTemplate.
   */
  kind: 'AnalysisTemplate';
  /**
   * What the template is called and what is known about it.
   */
  metadata: {
    /**
     * The template's name, as strategies and verdicts show it.
     */
    name: string;
    /**
     * Short facts to group and select resources by.
     */
    labels?: {
      [k: string]: string | undefined;
    };
    /**
     * Notes for people and tools; `switchyard/…` ones are read by Switchyard itself.
     */
    annotations?: {
      /**
       * "true" keeps Switchyard's hands off this resource: what runs goes on, nothing is changed until the annotation is gone.
       */
      'switchyard/suspend'?: 'true' | 'false';
      [k: string]: string | 'true' | 'false' | undefined;
    };
  };
  /**
   * The metrics, and what can be given to them.
   */
  spec: {
    /**
     * What the template is for, in a sentence or two.
     */
    description?: string;
    /**
     * What whoever uses the template may give; written `{{args.name}}` in conditions and in what providers are asked.
     *
     * @maxItems 32
     */
    args?: {
      /**
       * The argument's name, one in its template.
       */
      name: string;
      /**
       * What it is where nothing is given. Without it, it must be given.
       */
      value?: string;
    }[];
    /**
     * What is measured. The template holds only if each metric does.
     *
     * @minItems 1
     * @maxItems 32
     */
    metrics: {
      /**
       * The metric's name, one in its template; verdicts show it.
       */
      name: string;
      /**
       * Time between two measurements. Without it there is one.
       */
      interval?: string;
      /**
       * Time before the first measurement.
       */
      initialDelay?: string;
      /**
       * Measurements to take, errors aside. Without it: one where there is no interval, else as many as the rollout gives time for.
       */
      count?: number;
      /**
       * How far back each measurement looks. By default to the beginning of the analysis.
       */
      window?: string;
      /**
       * CEL over `result` that holds where all is well.
       */
      successCondition?: string;
      /**
       * CEL over `result` that holds where the version is bad. With both conditions, a measurement for which neither holds is inconclusive.
       */
      failureCondition?: string;
      /**
       * More failures than this fail the metric. By default 0; no limit where only `consecutiveFailureLimit` is given.
       */
      failureLimit?: number;
      /**
       * More failures than this without a success between them fail the metric.
       */
      consecutiveFailureLimit?: number;
      /**
       * More inconclusive measurements than this make the metric inconclusive: a human decides.
       */
      inconclusiveLimit?: number;
      /**
       * More errors in a row than this make the metric an error: the rollout holds and alerts.
       */
      consecutiveErrorLimit?: number;
      /**
       * Fewer observations than this are no data.
       */
      minSamples?: number;
      /**
       * The smallest harm that it should find four times of five: a difference of error rates, or a shift. The plan says how many requests that takes; nothing is judged by it.
       */
      minimumEffect?: number;
      /**
       * The error rate that stable is expected to have, for `minimumEffect`.
       */
      baseline?: number;
      /**
       * What it means when there is nothing to measure.
       */
      noData?: 'inconclusive' | 'fail' | 'pass';
      /**
       * What was seen longer ago is an error, whatever `noData` says.
       */
      maxAge?: string;
      /**
       * Whether it is measured and shown without a say in the verdict.
       */
      dryRun?: boolean;
      /**
       * Where the measurement comes from: exactly one of `builtin`, `prometheus`, `web`, or the name that a plugin gives its source.
       */
      provider: {
        /**
         * What inference processes report about the versions of the deployment.
         */
        builtin?: {
          /**
           * What to measure: `errorRate` (share of answers with a status of 500 or above, or that hold no finite number), `latency` (milliseconds), `requests` (how many), `disagreement` (share of mirrored requests that the candidate answers otherwise than stable), `scoreShift` (how far the mean of an output has moved, in standard deviations of stable's); and by labels that were sent back for predictions, `accuracy`, `meanAbsoluteError` and `logLoss`.
           */
          metric:
            | 'errorRate'
            | 'latency'
            | 'requests'
            | 'disagreement'
            | 'scoreShift'
            | 'accuracy'
            | 'meanAbsoluteError'
            | 'logLoss';
          /**
           * Which quantile of the latency.
           */
          quantile?: number;
          /**
           * How far two numbers may differ and still agree. Labels must be equal.
           */
          tolerance?: 0.000001 | 0.00001 | 0.0001 | 0.001 | 0.01 | 0.1 | 1 | 10 | 100 | 1000;
          /**
           * Which output the score is of, by default the first one of floating-point numbers; or which one labels are compared with, by default the first one.
           */
          output?: string;
          /**
           * From which probability on a yes is meant, for `accuracy`.
           */
          threshold?: number;
          /**
           * Only predictions with this value of an input. For what labels say: the other metrics are counted without inputs.
           */
          slice?: {
            /**
             * The input.
             */
            input: string;
            /**
             * The value, as the log has it: what is hashed is asked for by its pseudonym, what is in buckets by where its bucket begins.
             */
            value: string | number | boolean;
          };
        };
        /**
         * An instant query to a Prometheus server that the operator named. It must give one number.
         */
        prometheus?: {
          /**
           * PromQL. It must give a scalar or a single series.
           */
          query: string;
          /**
           * PromQL that tells how many observations the number rests on; `minSamples` needs it.
           */
          samples?: string;
          /**
           * Which of the servers that the operator named.
           */
          server?: string;
        };
        /**
         * A JSON document from an origin that the operator allowed.
         */
        web?: {
          /**
           * Where the document is.
           */
          url: string;
          /**
           * CEL over `body`: what becomes `result`. Where it names a key that is not there, or gives null, there is no data.
           */
          value: string;
          /**
           * CEL over `body`: how many observations it rests on; `minSamples` needs it.
           */
          samples?: string;
          /**
           * CEL over `body`: when it was seen, as RFC 3339 or seconds since 1970; `maxAge` is judged by it. By default the moment of the answer.
           */
          observedAt?: string;
        };
        [k: string]:
          | {}
          | {
              /**
               * What to measure: `errorRate` (share of answers with a status of 500 or above, or that hold no finite number), `latency` (milliseconds), `requests` (how many), `disagreement` (share of mirrored requests that the candidate answers otherwise than stable), `scoreShift` (how far the mean of an output has moved, in standard deviations of stable's); and by labels that were sent back for predictions, `accuracy`, `meanAbsoluteError` and `logLoss`.
               */
              metric:
                | 'errorRate'
                | 'latency'
                | 'requests'
                | 'disagreement'
                | 'scoreShift'
                | 'accuracy'
                | 'meanAbsoluteError'
                | 'logLoss';
              /**
               * Which quantile of the latency.
               */
              quantile?: number;
              /**
               * How far two numbers may differ and still agree. Labels must be equal.
               */
              tolerance?: 0.000001 | 0.00001 | 0.0001 | 0.001 | 0.01 | 0.1 | 1 | 10 | 100 | 1000;
              /**
               * Which output the score is of, by default the first one of floating-point numbers; or which one labels are compared with, by default the first one.
               */
              output?: string;
              /**
               * From which probability on a yes is meant, for `accuracy`.
               */
              threshold?: number;
              /**
               * Only predictions with this value of an input. For what labels say: the other metrics are counted without inputs.
               */
              slice?: {
                /**
                 * The input.
                 */
                input: string;
                /**
                 * The value, as the log has it: what is hashed is asked for by its pseudonym, what is in buckets by where its bucket begins.
                 */
                value: string | number | boolean;
              };
            }
          | {
              /**
               * PromQL. It must give a scalar or a single series.
               */
              query: string;
              /**
               * PromQL that tells how many observations the number rests on; `minSamples` needs it.
               */
              samples?: string;
              /**
               * Which of the servers that the operator named.
               */
              server?: string;
            }
          | {
              /**
               * Where the document is.
               */
              url: string;
              /**
               * CEL over `body`: what becomes `result`. Where it names a key that is not there, or gives null, there is no data.
               */
              value: string;
              /**
               * CEL over `body`: how many observations it rests on; `minSamples` needs it.
               */
              samples?: string;
              /**
               * CEL over `body`: when it was seen, as RFC 3339 or seconds since 1970; `maxAge` is judged by it. By default the moment of the answer.
               */
              observedAt?: string;
            }
          | undefined;
      };
    }[];
  };
}

export type AnalysisTemplateSpec = AnalysisTemplate['spec'];

export const analysisTemplateSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "AnalysisTemplate",
  "description": "What to measure about a version, and what counts as good.",
  "type": "object",
  "required": [
    "apiVersion",
    "kind",
    "metadata",
    "spec"
  ],
  "additionalProperties": false,
  "properties": {
    "apiVersion": {
      "description": "The manifest language and its version.",
      "const": "switchyard/v1",
      "examples": [
        "switchyard/v1"
      ]
    },
    "kind": {
      "description": "Always AnalysisTemplate.",
      "const": "AnalysisTemplate",
      "examples": [
        "AnalysisTemplate"
      ]
    },
    "metadata": {
      "description": "What the template is called and what is known about it.",
      "type": "object",
      "required": [
        "name"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "name": "healthy"
        }
      ],
      "properties": {
        "name": {
          "description": "The template's name, as strategies and verdicts show it.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "healthy"
          ]
        },
        "labels": {
          "description": "Short facts to group and select resources by.",
          "type": "object",
          "maxProperties": 64,
          "propertyNames": {
            "type": "string",
            "maxLength": 253,
            "pattern": "^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$"
          },
          "additionalProperties": {
            "type": "string",
            "maxLength": 253
          },
          "examples": [
            {
              "team": "safety"
            }
          ]
        },
        "annotations": {
          "description": "Notes for people and tools; `switchyard/…` ones are read by Switchyard itself.",
          "type": "object",
          "maxProperties": 64,
          "propertyNames": {
            "type": "string",
            "maxLength": 253,
            "pattern": "^(switchyard/suspend|(?!switchyard/)[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?)$"
          },
          "properties": {
            "switchyard/suspend": {
              "description": "\"true\" keeps Switchyard's hands off this resource: what runs goes on, nothing is changed until the annotation is gone.",
              "type": "string",
              "enum": [
                "true",
                "false"
              ],
              "examples": [
                "true"
              ]
            }
          },
          "additionalProperties": {
            "type": "string",
            "maxLength": 4096
          },
          "examples": [
            {
              "switchyard/suspend": "true"
            }
          ]
        }
      }
    },
    "spec": {
      "description": "The metrics, and what can be given to them.",
      "type": "object",
      "required": [
        "metrics"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "args": [
            {
              "name": "max-error-rate",
              "value": "0.01"
            }
          ],
          "metrics": [
            {
              "name": "error-rate",
              "interval": "30s",
              "count": 5,
              "successCondition": "result.candidate <= {{args.max-error-rate}}",
              "provider": {
                "builtin": {
                  "metric": "errorRate"
                }
              }
            }
          ]
        }
      ],
      "properties": {
        "description": {
          "description": "What the template is for, in a sentence or two.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2048,
          "examples": [
            "Answers as often and as fast as stable does."
          ]
        },
        "args": {
          "description": "What whoever uses the template may give; written `{{args.name}}` in conditions and in what providers are asked.",
          "type": "array",
          "maxItems": 32,
          "examples": [
            [
              {
                "name": "max-error-rate",
                "value": "0.01"
              }
            ]
          ],
          "items": {
            "type": "object",
            "required": [
              "name"
            ],
            "additionalProperties": false,
            "properties": {
              "name": {
                "description": "The argument's name, one in its template.",
                "type": "string",
                "pattern": "^[a-z][a-z0-9-]{0,62}$",
                "examples": [
                  "max-error-rate"
                ]
              },
              "value": {
                "description": "What it is where nothing is given. Without it, it must be given.",
                "type": "string",
                "maxLength": 2048,
                "examples": [
                  "0.01"
                ]
              }
            }
          }
        },
        "metrics": {
          "description": "What is measured. The template holds only if each metric does.",
          "type": "array",
          "minItems": 1,
          "maxItems": 32,
          "examples": [
            [
              {
                "name": "error-rate",
                "interval": "30s",
                "count": 5,
                "successCondition": "result.candidate <= {{args.max-error-rate}}",
                "provider": {
                  "builtin": {
                    "metric": "errorRate"
                  }
                }
              }
            ]
          ],
          "items": {
            "type": "object",
            "required": [
              "name",
              "provider"
            ],
            "additionalProperties": false,
            "properties": {
              "name": {
                "description": "The metric's name, one in its template; verdicts show it.",
                "type": "string",
                "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                "examples": [
                  "error-rate"
                ]
              },
              "interval": {
                "description": "Time between two measurements. Without it there is one.",
                "type": "string",
                "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                "examples": [
                  "30s"
                ]
              },
              "initialDelay": {
                "description": "Time before the first measurement.",
                "type": "string",
                "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                "examples": [
                  "1m"
                ],
                "default": "0s"
              },
              "count": {
                "description": "Measurements to take, errors aside. Without it: one where there is no interval, else as many as the rollout gives time for.",
                "type": "integer",
                "minimum": 1,
                "maximum": 100000,
                "examples": [
                  5
                ]
              },
              "window": {
                "description": "How far back each measurement looks. By default to the beginning of the analysis.",
                "type": "string",
                "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                "examples": [
                  "5m"
                ]
              },
              "successCondition": {
                "description": "CEL over `result` that holds where all is well.",
                "type": "string",
                "minLength": 1,
                "maxLength": 2048,
                "examples": [
                  "result.candidate <= {{args.max-error-rate}}"
                ]
              },
              "failureCondition": {
                "description": "CEL over `result` that holds where the version is bad. With both conditions, a measurement for which neither holds is inconclusive.",
                "type": "string",
                "minLength": 1,
                "maxLength": 2048,
                "examples": [
                  "result.candidate > 0.05"
                ]
              },
              "failureLimit": {
                "description": "More failures than this fail the metric. By default 0; no limit where only `consecutiveFailureLimit` is given.",
                "type": "integer",
                "minimum": 0,
                "maximum": 100000,
                "examples": [
                  3
                ]
              },
              "consecutiveFailureLimit": {
                "description": "More failures than this without a success between them fail the metric.",
                "type": "integer",
                "minimum": 0,
                "maximum": 100000,
                "examples": [
                  2
                ]
              },
              "inconclusiveLimit": {
                "description": "More inconclusive measurements than this make the metric inconclusive: a human decides.",
                "type": "integer",
                "minimum": 0,
                "maximum": 100000,
                "default": 0,
                "examples": [
                  1
                ]
              },
              "consecutiveErrorLimit": {
                "description": "More errors in a row than this make the metric an error: the rollout holds and alerts.",
                "type": "integer",
                "minimum": 0,
                "maximum": 100000,
                "default": 4,
                "examples": [
                  4
                ]
              },
              "minSamples": {
                "description": "Fewer observations than this are no data.",
                "type": "integer",
                "minimum": 1,
                "maximum": 1000000000,
                "examples": [
                  100
                ]
              },
              "minimumEffect": {
                "description": "The smallest harm that it should find four times of five: a difference of error rates, or a shift. The plan says how many requests that takes; nothing is judged by it.",
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 1000000,
                "examples": [
                  0.02
                ]
              },
              "baseline": {
                "description": "The error rate that stable is expected to have, for `minimumEffect`.",
                "type": "number",
                "exclusiveMinimum": 0,
                "exclusiveMaximum": 1,
                "default": 0.01,
                "examples": [
                  0.002
                ]
              },
              "noData": {
                "description": "What it means when there is nothing to measure.",
                "type": "string",
                "enum": [
                  "inconclusive",
                  "fail",
                  "pass"
                ],
                "default": "inconclusive",
                "examples": [
                  "inconclusive"
                ]
              },
              "maxAge": {
                "description": "What was seen longer ago is an error, whatever `noData` says.",
                "type": "string",
                "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                "examples": [
                  "2m"
                ]
              },
              "dryRun": {
                "description": "Whether it is measured and shown without a say in the verdict.",
                "type": "boolean",
                "default": false,
                "examples": [
                  true
                ]
              },
              "provider": {
                "description": "Where the measurement comes from: exactly one of `builtin`, `prometheus`, `web`, or the name that a plugin gives its source.",
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "examples": [
                  {
                    "builtin": {
                      "metric": "errorRate"
                    }
                  },
                  {
                    "our-lake": {
                      "table": "outcomes"
                    }
                  }
                ],
                "properties": {
                  "builtin": {
                    "description": "What inference processes report about the versions of the deployment.",
                    "type": "object",
                    "required": [
                      "metric"
                    ],
                    "additionalProperties": false,
                    "examples": [
                      {
                        "metric": "latency",
                        "quantile": 0.95
                      }
                    ],
                    "properties": {
                      "metric": {
                        "description": "What to measure: `errorRate` (share of answers with a status of 500 or above, or that hold no finite number), `latency` (milliseconds), `requests` (how many), `disagreement` (share of mirrored requests that the candidate answers otherwise than stable), `scoreShift` (how far the mean of an output has moved, in standard deviations of stable's); and by labels that were sent back for predictions, `accuracy`, `meanAbsoluteError` and `logLoss`.",
                        "type": "string",
                        "enum": [
                          "errorRate",
                          "latency",
                          "requests",
                          "disagreement",
                          "scoreShift",
                          "accuracy",
                          "meanAbsoluteError",
                          "logLoss"
                        ],
                        "examples": [
                          "errorRate"
                        ]
                      },
                      "quantile": {
                        "description": "Which quantile of the latency.",
                        "type": "number",
                        "exclusiveMinimum": 0,
                        "exclusiveMaximum": 1,
                        "default": 0.95,
                        "examples": [
                          0.99
                        ]
                      },
                      "tolerance": {
                        "description": "How far two numbers may differ and still agree. Labels must be equal.",
                        "type": "number",
                        "enum": [
                          0.000001,
                          0.00001,
                          0.0001,
                          0.001,
                          0.01,
                          0.1,
                          1,
                          10,
                          100,
                          1000
                        ],
                        "default": 0.01,
                        "examples": [
                          0.01
                        ]
                      },
                      "output": {
                        "description": "Which output the score is of, by default the first one of floating-point numbers; or which one labels are compared with, by default the first one.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "examples": [
                          "probabilities"
                        ]
                      },
                      "threshold": {
                        "description": "From which probability on a yes is meant, for `accuracy`.",
                        "type": "number",
                        "minimum": 0,
                        "maximum": 1,
                        "default": 0.5,
                        "examples": [
                          0.3
                        ]
                      },
                      "slice": {
                        "description": "Only predictions with this value of an input. For what labels say: the other metrics are counted without inputs.",
                        "type": "object",
                        "required": [
                          "input",
                          "value"
                        ],
                        "additionalProperties": false,
                        "examples": [
                          {
                            "input": "phase_of_flight",
                            "value": "Climb"
                          }
                        ],
                        "properties": {
                          "input": {
                            "description": "The input.",
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 256,
                            "examples": [
                              "phase_of_flight"
                            ]
                          },
                          "value": {
                            "description": "The value, as the log has it: what is hashed is asked for by its pseudonym, what is in buckets by where its bucket begins.",
                            "anyOf": [
                              {
                                "type": "string",
                                "maxLength": 1024
                              },
                              {
                                "type": "number"
                              },
                              {
                                "type": "boolean"
                              }
                            ],
                            "examples": [
                              "Climb"
                            ]
                          }
                        }
                      }
                    }
                  },
                  "prometheus": {
                    "description": "An instant query to a Prometheus server that the operator named. It must give one number.",
                    "type": "object",
                    "required": [
                      "query"
                    ],
                    "additionalProperties": false,
                    "examples": [
                      {
                        "query": "sum(rate(refused_total{version=\"{{run.candidate}}\"}[{{run.window}}]))"
                      }
                    ],
                    "properties": {
                      "query": {
                        "description": "PromQL. It must give a scalar or a single series.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 8192,
                        "examples": [
                          "sum(rate(refused_total{version=\"{{run.candidate}}\"}[{{run.window}}]))"
                        ]
                      },
                      "samples": {
                        "description": "PromQL that tells how many observations the number rests on; `minSamples` needs it.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 8192,
                        "examples": [
                          "sum(increase(requests_total{version=\"{{run.candidate}}\"}[{{run.window}}]))"
                        ]
                      },
                      "server": {
                        "description": "Which of the servers that the operator named.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 63,
                        "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                        "default": "default",
                        "examples": [
                          "default"
                        ]
                      }
                    }
                  },
                  "web": {
                    "description": "A JSON document from an origin that the operator allowed.",
                    "type": "object",
                    "required": [
                      "url",
                      "value"
                    ],
                    "additionalProperties": false,
                    "examples": [
                      {
                        "url": "https://quality.example.com/v1/models/bird-strike?version={{run.candidate}}",
                        "value": "body.complaints.rate"
                      }
                    ],
                    "properties": {
                      "url": {
                        "description": "Where the document is.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 2048,
                        "pattern": "^https?://[^\\s]+$",
                        "examples": [
                          "https://quality.example.com/v1/models/bird-strike?version={{run.candidate}}"
                        ]
                      },
                      "value": {
                        "description": "CEL over `body`: what becomes `result`. Where it names a key that is not there, or gives null, there is no data.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 2048,
                        "examples": [
                          "body.complaints.rate"
                        ]
                      },
                      "samples": {
                        "description": "CEL over `body`: how many observations it rests on; `minSamples` needs it.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 2048,
                        "examples": [
                          "body.complaints.count"
                        ]
                      },
                      "observedAt": {
                        "description": "CEL over `body`: when it was seen, as RFC 3339 or seconds since 1970; `maxAge` is judged by it. By default the moment of the answer.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 2048,
                        "examples": [
                          "body.updatedAt"
                        ]
                      }
                    }
                  }
                },
                "additionalProperties": {
                  "type": "object"
                }
              }
            }
          }
        }
      }
    }
  }
} as const;
