// Written by `npm run generate` from schemas/deployment.schema.json: edit that file instead.

/**
 * One version of a model, answering under a name in an environment.
 */
export interface Deployment {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always Deployment.
   */
  kind: 'Deployment';
  /**
   * What the deployment is called and which environment it lives in.
   */
  metadata: {
    /**
     * The name that it answers under: `/environments/<environment>/v2/models/<name>`.
     */
    name: string;
    /**
     * The environment that the resource lives in.
     */
    environment: string;
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
   * Which version answers, how it gets there, and within which bounds.
   */
  spec: {
    /**
     * The model to serve.
     */
    model: string;
    /**
     * The version that answers: the line that a promotion changes.
     */
    version: string;
    /**
     * How traffic walks from one version to the next; exactly one strategy. Without one, that of the environment holds, and without that `direct`.
     */
    strategy?: {
      /**
       * All traffic at once, as soon as the new version is loaded and has answered its golden examples.
       */
      direct?: {};
      /**
       * A growing share of traffic, step by step; the last step is followed by all of it.
       */
      canary?: {
        /**
         * What is done in turn; each step is exactly one of `setWeight`, `pause`, `analysis` and `setMirror`.
         *
         * @minItems 1
         * @maxItems 100
         */
        steps: {
          /**
           * The percentage of requests that the new version answers from here on.
           */
          setWeight?: number;
          /**
           * Waits for so long; without a duration for a human, who promotes.
           */
          pause?: {
            /**
             * How long to wait.
             */
            duration?: string;
          };
          /**
           * Waits for analyses: going on where they succeed, going back where they fail, waiting for a human where they cannot tell.
           */
          analysis?: {
            /**
             * The AnalysisTemplates to run; all of them must hold.
             *
             * @minItems 1
             * @maxItems 16
             */
            templates: {
              /**
               * The name of an AnalysisTemplate.
               */
              templateName: string;
            }[];
            /**
             * What the templates ask to be given.
             *
             * @maxItems 32
             */
            args?: {
              /**
               * The argument's name, as the template declares it.
               */
              name: string;
              /**
               * Its value, as a text.
               */
              value: string;
            }[];
          };
          /**
           * Lets the new version see a share of the requests, whose answers nobody gets. The next `setWeight` ends it.
           */
          setMirror?: {
            /**
             * The percentage of requests that the new version sees.
             */
            percent: number;
          };
        }[];
        /**
         * Analyses that run beside the steps until the walk ends.
         */
        analysis?: {
          /**
           * The AnalysisTemplates to run; all of them must hold.
           *
           * @minItems 1
           * @maxItems 16
           */
          templates: {
            /**
             * The name of an AnalysisTemplate.
             */
            templateName: string;
          }[];
          /**
           * What the templates ask to be given.
           *
           * @maxItems 32
           */
          args?: {
            /**
             * The argument's name, as the template declares it.
             */
            name: string;
            /**
             * Its value, as a text.
             */
            value: string;
          }[];
          /**
           * The step that it begins with, counted from 0.
           */
          startingStep?: number;
        };
        /**
         * Keeps each key on one version: those that have the new one keep it while its share grows.
         */
        assignment?: {
          /**
           * The header that holds the key.
           */
          header?: string;
          /**
           * The cookie that holds the key.
           */
          cookie?: string;
          /**
           * The query parameter that holds the key.
           */
          key?: string;
        };
        /**
         * How many bytes of artifacts may be held beside the version that answers while the walk lasts, as `500MB`, `500M` or `512MiB`. Versions kept warm are released first; a version that is larger alone is refused.
         */
        maxSurge?: string;
      };
      /**
       * The new version stands ready beside the old one, is looked at, and takes over all at once.
       */
      blueGreen?: {
        /**
         * Whether it takes over by itself once it is ready and its analysis succeeded; otherwise a human promotes.
         */
        autoPromotion?: boolean;
        /**
         * Analyses before traffic moves.
         */
        prePromotionAnalysis?: {
          /**
           * The AnalysisTemplates to run; all of them must hold.
           *
           * @minItems 1
           * @maxItems 16
           */
          templates: {
            /**
             * The name of an AnalysisTemplate.
             */
            templateName: string;
          }[];
          /**
           * What the templates ask to be given.
           *
           * @maxItems 32
           */
          args?: {
            /**
             * The argument's name, as the template declares it.
             */
            name: string;
            /**
             * Its value, as a text.
             */
            value: string;
          }[];
        };
        /**
         * Analyses after traffic moved; where they fail, traffic goes back.
         */
        postPromotionAnalysis?: {
          /**
           * The AnalysisTemplates to run; all of them must hold.
           *
           * @minItems 1
           * @maxItems 16
           */
          templates: {
            /**
             * The name of an AnalysisTemplate.
             */
            templateName: string;
          }[];
          /**
           * What the templates ask to be given.
           *
           * @maxItems 32
           */
          args?: {
            /**
             * The argument's name, as the template declares it.
             */
            name: string;
            /**
             * Its value, as a text.
             */
            value: string;
          }[];
        };
        /**
         * How long the old version stays loaded after the walk; instead of `keepWarm`.
         */
        scaleDownDelay?: string;
        /**
         * The name under which the new version can be asked before it takes over, in the place of a version: `/v2/models/<name>/versions/<previewPath>/infer`.
         */
        previewPath?: string;
      };
      /**
       * The new version sees requests and answers nobody, for so long or so many requests; then it takes over.
       */
      shadow?: {
        /**
         * The percentage of requests that it sees.
         */
        percent?: number;
        /**
         * How long it must have seen them.
         */
        duration?: string;
        /**
         * How many it must have seen.
         */
        requests?: number;
        /**
         * Analyses that run meanwhile and must have succeeded at the end; what disagrees with the stable version among it.
         */
        analysis?: {
          /**
           * The AnalysisTemplates to run; all of them must hold.
           *
           * @minItems 1
           * @maxItems 16
           */
          templates: {
            /**
             * The name of an AnalysisTemplate.
             */
            templateName: string;
          }[];
          /**
           * What the templates ask to be given.
           *
           * @maxItems 32
           */
          args?: {
            /**
             * The argument's name, as the template declares it.
             */
            name: string;
            /**
             * Its value, as a text.
             */
            value: string;
          }[];
        };
      };
      /**
       * Versions side by side with fixed shares, until a metric tells them apart.
       */
      abTest?: {
        /**
         * The versions that are compared and their shares, which sum to 100. One is `stable`, one `candidate`.
         *
         * @minItems 2
         * @maxItems 8
         */
        arms: {
          /**
           * What the arm is called.
           */
          name: string;
          /**
           * What answers in it: `stable` (the version that answers now), `candidate` (the declared one), or another version of the model.
           */
          version: string;
          /**
           * The percentage of keys that it gets.
           */
          share: number;
        }[];
        /**
         * Keeps each key on one arm.
         */
        assignment?: {
          /**
           * The header that holds the key.
           */
          header?: string;
          /**
           * The cookie that holds the key.
           */
          cookie?: string;
          /**
           * The query parameter that holds the key.
           */
          key?: string;
        };
        /**
         * Requests that go to one arm whatever their key. In order: the first rule whose conditions all hold decides.
         *
         * @maxItems 32
         */
        match?: {
          /**
           * Conditions; each has one of `header` and `query`, and one of `equals` and `regex`.
           *
           * @minItems 1
           * @maxItems 8
           */
          all: {
            /**
             * The header to read.
             */
            header?: string;
            /**
             * The query parameter to read.
             */
            query?: string;
            /**
             * The whole text, exactly.
             */
            equals?: string;
            /**
             * A regular expression of RE2 that is found anywhere in the text.
             */
            regex?: string;
          }[];
          /**
           * The arm that they go to.
           */
          arm: string;
        }[];
        /**
         * The AnalysisTemplates that tell the arms apart: successful where the candidate is better by `minimumEffect`, failed where it is not.
         */
        metric: {
          /**
           * The AnalysisTemplates to run; all of them must hold.
           *
           * @minItems 1
           * @maxItems 16
           */
          templates: {
            /**
             * The name of an AnalysisTemplate.
             */
            templateName: string;
          }[];
          /**
           * What the templates ask to be given.
           *
           * @maxItems 32
           */
          args?: {
            /**
             * The argument's name, as the template declares it.
             */
            name: string;
            /**
             * Its value, as a text.
             */
            value: string;
          }[];
        };
        /**
         * The least difference that is worth a change, given to the templates as the argument `minimum-effect`.
         */
        minimumEffect?: number;
        /**
         * `sequential` ends as soon as the metric tells (its template must allow looks at any time), `fixed` when the duration is over and not before.
         */
        stopRule?: 'sequential' | 'fixed';
        /**
         * How long the test lasts at most. What is undecided then waits for a human.
         */
        duration: string;
      };
    };
    /**
     * How long a walk may stand still (traffic that does not move, an analysis that cannot measure) before traffic goes back. Pauses do not count.
     */
    progressDeadline?: string;
    /**
     * How long the previous version stays loaded after a switch, so that going back is instant. 0s releases it at once.
     */
    keepWarm?: string;
    /**
     * What of its predictions is kept in the prediction log. Without it, nothing is.
     */
    logging?: {
      /**
       * The share of predictions that is kept, from 0 to 1.
       */
      sample?: number;
      /**
       * Inputs and outputs that are not kept as they are. A name alone is dropped. It is done in the inference process, before anything is written.
       *
       * @maxItems 512
       */
      redact?: (
        | string
        | {
            /**
             * The tensor's name, as the model's graph and its callers write it.
             */
            name: string;
            /**
             * How: `drop` keeps nothing of it, `hash` a pseudonym that only this platform's key makes, `bucket` the number at which its bucket begins.
             */
            by: 'drop' | 'hash' | 'bucket';
            /**
             * How wide a bucket is; `bucket` needs it.
             */
            width?: number;
          }
      )[];
      /**
       * Where a request says on whose behalf it asks; kept as it is. Exactly one of `header`, `cookie` and `query`.
       */
      tenant?: {
        /**
         * A header of that name.
         */
        header?: string;
        /**
         * A cookie of that name.
         */
        cookie?: string;
        /**
         * A parameter of that name in the query.
         */
        query?: string;
      };
      /**
       * Whom a prediction is about, so that all that is kept of them can be erased: kept as a pseudonym. Exactly one of `input`, `header`, `cookie` and `query`.
       */
      subject?: {
        /**
         * The input that names them, row by row.
         */
        input?: string;
        /**
         * A header of that name.
         */
        header?: string;
        /**
         * A cookie of that name.
         */
        cookie?: string;
        /**
         * A parameter of that name in the query.
         */
        query?: string;
      };
      /**
       * How long predictions and their labels are kept, to the day.
       */
      retain?: string;
      /**
       * Says of each row that is kept how far its inputs are from what is usual: the column `outlier` of the log, from 1 on an outlier. It is done in the inference process, after the answer.
       */
      outliers?: {
        /**
         * The profile of what is usual: a file of `switchyard profile data`, as a path from this manifest or, with a leading slash, from the root of the registry. At most 256 KiB. Its columns are matched with inputs by name.
         */
        reference: string;
        /**
         * How many spreads away from the median a number is an outlier; a spread is the standard deviation where values are normal, and of its own side where they are skewed.
         */
        spreads?: number;
        /**
         * The share of the profile's rows at which a category, or a missing value, is an outlier.
         */
        rare?: number;
      };
      /**
       * How long after a prediction its label is still taken. By default as long as the prediction is kept.
       */
      feedbackFor?: string;
    };
    /**
     * How requests that arrive together are run together.
     */
    batching?: {
      /**
       * The most rows in one run of the model; 1 turns batching off.
       */
      maxBatchSize?: number;
      /**
       * How long a request may wait for others. 0ms batches what already waits, and after a long run those whom it answered.
       */
      maxDelay?: string;
    };
    /**
     * Where its versions run in each inference process. What it says of threads and provider holds instead of what a version says.
     */
    runtime?: {
      /**
       * On the event loop of the inference process (`inline`), in a thread of its own (`worker`), or as its measured runs and its size suggest (`auto`).
       */
      placement?: 'auto' | 'inline' | 'worker';
      /**
       * Worker threads that run each version side by side, in each inference process. Each has the whole model in memory.
       */
      replicas?: number;
      /**
       * Threads that work on one operator, for each replica. More shorten single runs of large models, and take processors from all others.
       */
      intraOpThreads?: number;
      /**
       * Threads that work on operators side by side, for each replica; only with `executionMode: parallel`.
       */
      interOpThreads?: number;
      /**
       * What ONNX Runtime runs the graph on; nodes that it does not know run on the processor. A machine without it refuses the version (`ProviderUnavailable`).
       */
      provider?: 'cpu' | 'cuda' | 'tensorrt' | 'dml' | 'coreml' | 'webgpu';
    };
    /**
     * Answers that are kept for those who ask the same of the same version. Without it, none are. Not for models that are stateful.
     */
    cache?: {
      /**
       * Memory for them in each inference process, as `64MiB`, `64Mi` or `64MB`; what was not asked for the longest goes first.
       */
      size?: string;
      /**
       * How long an answer is given again.
       */
      ttl: string;
    };
    /**
     * What is promised to those who ask: how many requests are answered, and how fast. With it, its error budget is watched, and somebody is told when it burns too fast.
     */
    slo?: {
      /**
       * The percentage of requests that are answered. An answer of 500 or above, one that is no finite number, and a request that finds the queue full are none; other 4xx are not counted.
       */
      availability?: number;
      /**
       * The time within which 50 % of requests are answered.
       */
      p50?: string;
      /**
       * The time within which 90 % of requests are answered.
       */
      p90?: string;
      /**
       * The time within which 95 % of requests are answered.
       */
      p95?: string;
      /**
       * The time within which 99 % of requests are answered.
       */
      p99?: string;
      /**
       * What the error budget is for: from 3d to 90d.
       */
      window?: string;
      /**
       * A window with fewer requests alarms nobody.
       */
      minRequests?: number;
    };
    /**
     * When a request is refused instead of kept waiting.
     */
    limits?: {
      /**
       * How many requests may wait for a version in one inference process; one more is refused with 429.
       */
      maxQueue?: number;
      /**
       * How long a request may take before it is answered with 504.
       */
      timeout?: string;
      /**
       * How many requests of one key each inference process takes; more are refused with 429. Each of them holds.
       *
       * @minItems 1
       * @maxItems 8
       */
      rates?: {
        /**
         * Where a request says whose it is; those that do not say share one bucket. Without it, all requests share one. Exactly one of `header`, `cookie` and `query`.
         */
        key?: {
          /**
           * A header of that name.
           */
          header?: string;
          /**
           * A cookie of that name.
           */
          cookie?: string;
          /**
           * A parameter of that name in the query.
           */
          query?: string;
        };
        /**
         * How many a second (`100/s`), a minute (`m`) or an hour (`h`).
         */
        rate: string;
        /**
         * How many may come at once, after a pause. By default as many as in a second, but one at least.
         */
        burst?: number;
      }[];
    };
  };
}

export type DeploymentSpec = Deployment['spec'];

export const deploymentSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Deployment",
  "description": "One version of a model, answering under a name in an environment.",
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
      "description": "Always Deployment.",
      "const": "Deployment",
      "examples": [
        "Deployment"
      ]
    },
    "metadata": {
      "description": "What the deployment is called and which environment it lives in.",
      "type": "object",
      "required": [
        "name",
        "environment"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "name": "bird-strike",
          "environment": "production"
        }
      ],
      "properties": {
        "name": {
          "description": "The name that it answers under: `/environments/<environment>/v2/models/<name>`.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "bird-strike"
          ]
        },
        "environment": {
          "description": "The environment that the resource lives in.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "production"
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
      "description": "Which version answers, how it gets there, and within which bounds.",
      "type": "object",
      "required": [
        "model",
        "version"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "model": "bird-strike",
          "version": "1.0.0",
          "keepWarm": "10m"
        }
      ],
      "properties": {
        "model": {
          "description": "The model to serve.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "bird-strike"
          ]
        },
        "version": {
          "description": "The version that answers: the line that a promotion changes.",
          "type": "string",
          "maxLength": 128,
          "pattern": "^(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})(-(0|[1-9]\\d{0,8}|\\d*[a-z-][0-9a-z-]*)(\\.(0|[1-9]\\d{0,8}|\\d*[a-z-][0-9a-z-]*))*)?$",
          "examples": [
            "1.0.0"
          ]
        },
        "strategy": {
          "description": "How traffic walks from one version to the next; exactly one strategy. Without one, that of the environment holds, and without that `direct`.",
          "type": "object",
          "minProperties": 1,
          "maxProperties": 1,
          "additionalProperties": false,
          "examples": [
            {
              "canary": {
                "steps": [
                  {
                    "setWeight": 10
                  },
                  {
                    "pause": {
                      "duration": "5m"
                    }
                  },
                  {
                    "analysis": {
                      "templates": [
                        {
                          "templateName": "healthy"
                        }
                      ]
                    }
                  },
                  {
                    "setWeight": 50
                  },
                  {
                    "pause": {}
                  }
                ]
              }
            }
          ],
          "properties": {
            "direct": {
              "description": "All traffic at once, as soon as the new version is loaded and has answered its golden examples.",
              "type": "object",
              "additionalProperties": false,
              "examples": [
                {}
              ]
            },
            "canary": {
              "description": "A growing share of traffic, step by step; the last step is followed by all of it.",
              "type": "object",
              "required": [
                "steps"
              ],
              "additionalProperties": false,
              "examples": [
                {
                  "steps": [
                    {
                      "setWeight": 10
                    },
                    {
                      "pause": {
                        "duration": "5m"
                      }
                    },
                    {
                      "analysis": {
                        "templates": [
                          {
                            "templateName": "healthy"
                          }
                        ]
                      }
                    },
                    {
                      "setWeight": 50
                    },
                    {
                      "pause": {}
                    }
                  ]
                }
              ],
              "properties": {
                "steps": {
                  "description": "What is done in turn; each step is exactly one of `setWeight`, `pause`, `analysis` and `setMirror`.",
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 100,
                  "examples": [
                    [
                      {
                        "setWeight": 10
                      },
                      {
                        "pause": {
                          "duration": "5m"
                        }
                      },
                      {
                        "analysis": {
                          "templates": [
                            {
                              "templateName": "healthy"
                            }
                          ]
                        }
                      },
                      {
                        "setWeight": 50
                      },
                      {
                        "pause": {}
                      }
                    ]
                  ],
                  "items": {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": false,
                    "properties": {
                      "setWeight": {
                        "description": "The percentage of requests that the new version answers from here on.",
                        "type": "integer",
                        "minimum": 0,
                        "maximum": 100,
                        "examples": [
                          10
                        ]
                      },
                      "pause": {
                        "description": "Waits for so long; without a duration for a human, who promotes.",
                        "type": "object",
                        "additionalProperties": false,
                        "examples": [
                          {
                            "duration": "5m"
                          },
                          {}
                        ],
                        "properties": {
                          "duration": {
                            "description": "How long to wait.",
                            "type": "string",
                            "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                            "examples": [
                              "5m"
                            ]
                          }
                        }
                      },
                      "analysis": {
                        "description": "Waits for analyses: going on where they succeed, going back where they fail, waiting for a human where they cannot tell.",
                        "type": "object",
                        "required": [
                          "templates"
                        ],
                        "additionalProperties": false,
                        "examples": [
                          {
                            "templates": [
                              {
                                "templateName": "healthy"
                              }
                            ]
                          }
                        ],
                        "properties": {
                          "templates": {
                            "description": "The AnalysisTemplates to run; all of them must hold.",
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 16,
                            "examples": [
                              [
                                {
                                  "templateName": "healthy"
                                }
                              ]
                            ],
                            "items": {
                              "type": "object",
                              "required": [
                                "templateName"
                              ],
                              "additionalProperties": false,
                              "properties": {
                                "templateName": {
                                  "description": "The name of an AnalysisTemplate.",
                                  "type": "string",
                                  "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                                  "examples": [
                                    "healthy"
                                  ]
                                }
                              }
                            }
                          },
                          "args": {
                            "description": "What the templates ask to be given.",
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
                                "name",
                                "value"
                              ],
                              "additionalProperties": false,
                              "properties": {
                                "name": {
                                  "description": "The argument's name, as the template declares it.",
                                  "type": "string",
                                  "pattern": "^[a-z][a-z0-9-]{0,62}$",
                                  "examples": [
                                    "max-error-rate"
                                  ]
                                },
                                "value": {
                                  "description": "Its value, as a text.",
                                  "type": "string",
                                  "maxLength": 2048,
                                  "examples": [
                                    "0.01"
                                  ]
                                }
                              }
                            }
                          }
                        }
                      },
                      "setMirror": {
                        "description": "Lets the new version see a share of the requests, whose answers nobody gets. The next `setWeight` ends it.",
                        "type": "object",
                        "required": [
                          "percent"
                        ],
                        "additionalProperties": false,
                        "examples": [
                          {
                            "percent": 100
                          }
                        ],
                        "properties": {
                          "percent": {
                            "description": "The percentage of requests that the new version sees.",
                            "type": "integer",
                            "minimum": 0,
                            "maximum": 100,
                            "examples": [
                              100
                            ]
                          }
                        }
                      }
                    }
                  }
                },
                "analysis": {
                  "description": "Analyses that run beside the steps until the walk ends.",
                  "type": "object",
                  "required": [
                    "templates"
                  ],
                  "additionalProperties": false,
                  "examples": [
                    {
                      "templates": [
                        {
                          "templateName": "healthy"
                        }
                      ]
                    }
                  ],
                  "properties": {
                    "templates": {
                      "description": "The AnalysisTemplates to run; all of them must hold.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 16,
                      "examples": [
                        [
                          {
                            "templateName": "healthy"
                          }
                        ]
                      ],
                      "items": {
                        "type": "object",
                        "required": [
                          "templateName"
                        ],
                        "additionalProperties": false,
                        "properties": {
                          "templateName": {
                            "description": "The name of an AnalysisTemplate.",
                            "type": "string",
                            "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                            "examples": [
                              "healthy"
                            ]
                          }
                        }
                      }
                    },
                    "args": {
                      "description": "What the templates ask to be given.",
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
                          "name",
                          "value"
                        ],
                        "additionalProperties": false,
                        "properties": {
                          "name": {
                            "description": "The argument's name, as the template declares it.",
                            "type": "string",
                            "pattern": "^[a-z][a-z0-9-]{0,62}$",
                            "examples": [
                              "max-error-rate"
                            ]
                          },
                          "value": {
                            "description": "Its value, as a text.",
                            "type": "string",
                            "maxLength": 2048,
                            "examples": [
                              "0.01"
                            ]
                          }
                        }
                      }
                    },
                    "startingStep": {
                      "description": "The step that it begins with, counted from 0.",
                      "type": "integer",
                      "minimum": 0,
                      "maximum": 1000,
                      "default": 0,
                      "examples": [
                        1
                      ]
                    }
                  }
                },
                "assignment": {
                  "description": "Keeps each key on one version: those that have the new one keep it while its share grows.",
                  "type": "object",
                  "additionalProperties": false,
                  "minProperties": 1,
                  "maxProperties": 1,
                  "examples": [
                    {
                      "header": "x-user-id"
                    }
                  ],
                  "properties": {
                    "header": {
                      "description": "The header that holds the key.",
                      "type": "string",
                      "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$",
                      "examples": [
                        "x-user-id"
                      ]
                    },
                    "cookie": {
                      "description": "The cookie that holds the key.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 128,
                      "examples": [
                        "session"
                      ]
                    },
                    "key": {
                      "description": "The query parameter that holds the key.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 128,
                      "examples": [
                        "user"
                      ]
                    }
                  }
                },
                "maxSurge": {
                  "description": "How many bytes of artifacts may be held beside the version that answers while the walk lasts, as `500MB`, `500M` or `512MiB`. Versions kept warm are released first; a version that is larger alone is refused.",
                  "type": "string",
                  "pattern": "^(?=.*[1-9])\\d{1,9}(\\.\\d{1,3})? ?([kMGT]|[KMGT]i)?B?$",
                  "examples": [
                    "500MB"
                  ]
                }
              }
            },
            "blueGreen": {
              "description": "The new version stands ready beside the old one, is looked at, and takes over all at once.",
              "type": "object",
              "additionalProperties": false,
              "examples": [
                {
                  "autoPromotion": false,
                  "previewPath": "preview"
                }
              ],
              "properties": {
                "autoPromotion": {
                  "description": "Whether it takes over by itself once it is ready and its analysis succeeded; otherwise a human promotes.",
                  "type": "boolean",
                  "default": true,
                  "examples": [
                    false
                  ]
                },
                "prePromotionAnalysis": {
                  "description": "Analyses before traffic moves.",
                  "type": "object",
                  "required": [
                    "templates"
                  ],
                  "additionalProperties": false,
                  "examples": [
                    {
                      "templates": [
                        {
                          "templateName": "healthy"
                        }
                      ]
                    }
                  ],
                  "properties": {
                    "templates": {
                      "description": "The AnalysisTemplates to run; all of them must hold.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 16,
                      "examples": [
                        [
                          {
                            "templateName": "healthy"
                          }
                        ]
                      ],
                      "items": {
                        "type": "object",
                        "required": [
                          "templateName"
                        ],
                        "additionalProperties": false,
                        "properties": {
                          "templateName": {
                            "description": "The name of an AnalysisTemplate.",
                            "type": "string",
                            "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                            "examples": [
                              "healthy"
                            ]
                          }
                        }
                      }
                    },
                    "args": {
                      "description": "What the templates ask to be given.",
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
                          "name",
                          "value"
                        ],
                        "additionalProperties": false,
                        "properties": {
                          "name": {
                            "description": "The argument's name, as the template declares it.",
                            "type": "string",
                            "pattern": "^[a-z][a-z0-9-]{0,62}$",
                            "examples": [
                              "max-error-rate"
                            ]
                          },
                          "value": {
                            "description": "Its value, as a text.",
                            "type": "string",
                            "maxLength": 2048,
                            "examples": [
                              "0.01"
                            ]
                          }
                        }
                      }
                    }
                  }
                },
                "postPromotionAnalysis": {
                  "description": "Analyses after traffic moved; where they fail, traffic goes back.",
                  "type": "object",
                  "required": [
                    "templates"
                  ],
                  "additionalProperties": false,
                  "examples": [
                    {
                      "templates": [
                        {
                          "templateName": "healthy"
                        }
                      ]
                    }
                  ],
                  "properties": {
                    "templates": {
                      "description": "The AnalysisTemplates to run; all of them must hold.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 16,
                      "examples": [
                        [
                          {
                            "templateName": "healthy"
                          }
                        ]
                      ],
                      "items": {
                        "type": "object",
                        "required": [
                          "templateName"
                        ],
                        "additionalProperties": false,
                        "properties": {
                          "templateName": {
                            "description": "The name of an AnalysisTemplate.",
                            "type": "string",
                            "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                            "examples": [
                              "healthy"
                            ]
                          }
                        }
                      }
                    },
                    "args": {
                      "description": "What the templates ask to be given.",
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
                          "name",
                          "value"
                        ],
                        "additionalProperties": false,
                        "properties": {
                          "name": {
                            "description": "The argument's name, as the template declares it.",
                            "type": "string",
                            "pattern": "^[a-z][a-z0-9-]{0,62}$",
                            "examples": [
                              "max-error-rate"
                            ]
                          },
                          "value": {
                            "description": "Its value, as a text.",
                            "type": "string",
                            "maxLength": 2048,
                            "examples": [
                              "0.01"
                            ]
                          }
                        }
                      }
                    }
                  }
                },
                "scaleDownDelay": {
                  "description": "How long the old version stays loaded after the walk; instead of `keepWarm`.",
                  "type": "string",
                  "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                  "examples": [
                    "30m"
                  ]
                },
                "previewPath": {
                  "description": "The name under which the new version can be asked before it takes over, in the place of a version: `/v2/models/<name>/versions/<previewPath>/infer`.",
                  "type": "string",
                  "pattern": "^[a-z][a-z0-9-]{0,62}$",
                  "default": "preview",
                  "examples": [
                    "preview"
                  ]
                }
              }
            },
            "shadow": {
              "description": "The new version sees requests and answers nobody, for so long or so many requests; then it takes over.",
              "type": "object",
              "additionalProperties": false,
              "examples": [
                {
                  "percent": 20,
                  "duration": "1h",
                  "requests": 10000
                }
              ],
              "properties": {
                "percent": {
                  "description": "The percentage of requests that it sees.",
                  "type": "integer",
                  "minimum": 1,
                  "maximum": 100,
                  "default": 100,
                  "examples": [
                    20
                  ]
                },
                "duration": {
                  "description": "How long it must have seen them.",
                  "type": "string",
                  "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                  "examples": [
                    "1h"
                  ]
                },
                "requests": {
                  "description": "How many it must have seen.",
                  "type": "integer",
                  "minimum": 1,
                  "maximum": 1000000000,
                  "examples": [
                    10000
                  ]
                },
                "analysis": {
                  "description": "Analyses that run meanwhile and must have succeeded at the end; what disagrees with the stable version among it.",
                  "type": "object",
                  "required": [
                    "templates"
                  ],
                  "additionalProperties": false,
                  "examples": [
                    {
                      "templates": [
                        {
                          "templateName": "healthy"
                        }
                      ]
                    }
                  ],
                  "properties": {
                    "templates": {
                      "description": "The AnalysisTemplates to run; all of them must hold.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 16,
                      "examples": [
                        [
                          {
                            "templateName": "healthy"
                          }
                        ]
                      ],
                      "items": {
                        "type": "object",
                        "required": [
                          "templateName"
                        ],
                        "additionalProperties": false,
                        "properties": {
                          "templateName": {
                            "description": "The name of an AnalysisTemplate.",
                            "type": "string",
                            "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                            "examples": [
                              "healthy"
                            ]
                          }
                        }
                      }
                    },
                    "args": {
                      "description": "What the templates ask to be given.",
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
                          "name",
                          "value"
                        ],
                        "additionalProperties": false,
                        "properties": {
                          "name": {
                            "description": "The argument's name, as the template declares it.",
                            "type": "string",
                            "pattern": "^[a-z][a-z0-9-]{0,62}$",
                            "examples": [
                              "max-error-rate"
                            ]
                          },
                          "value": {
                            "description": "Its value, as a text.",
                            "type": "string",
                            "maxLength": 2048,
                            "examples": [
                              "0.01"
                            ]
                          }
                        }
                      }
                    }
                  }
                }
              }
            },
            "abTest": {
              "description": "Versions side by side with fixed shares, until a metric tells them apart.",
              "type": "object",
              "required": [
                "arms",
                "metric",
                "duration"
              ],
              "additionalProperties": false,
              "examples": [
                {
                  "arms": [
                    {
                      "name": "control",
                      "version": "stable",
                      "share": 50
                    },
                    {
                      "name": "treatment",
                      "version": "candidate",
                      "share": 50
                    }
                  ],
                  "assignment": {
                    "cookie": "session"
                  },
                  "metric": {
                    "templates": [
                      {
                        "templateName": "fewer-errors"
                      }
                    ]
                  },
                  "duration": "7d"
                }
              ],
              "properties": {
                "arms": {
                  "description": "The versions that are compared and their shares, which sum to 100. One is `stable`, one `candidate`.",
                  "type": "array",
                  "minItems": 2,
                  "maxItems": 8,
                  "examples": [
                    [
                      {
                        "name": "control",
                        "version": "stable",
                        "share": 50
                      },
                      {
                        "name": "treatment",
                        "version": "candidate",
                        "share": 50
                      }
                    ]
                  ],
                  "items": {
                    "type": "object",
                    "required": [
                      "name",
                      "version",
                      "share"
                    ],
                    "additionalProperties": false,
                    "properties": {
                      "name": {
                        "description": "What the arm is called.",
                        "type": "string",
                        "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                        "examples": [
                          "control"
                        ]
                      },
                      "version": {
                        "description": "What answers in it: `stable` (the version that answers now), `candidate` (the declared one), or another version of the model.",
                        "type": "string",
                        "pattern": "^(stable|candidate|\\d+\\.\\d+\\.\\d+(-[0-9a-z.-]+)?)$",
                        "examples": [
                          "candidate"
                        ]
                      },
                      "share": {
                        "description": "The percentage of keys that it gets.",
                        "type": "integer",
                        "minimum": 0,
                        "maximum": 100,
                        "examples": [
                          50
                        ]
                      }
                    }
                  }
                },
                "assignment": {
                  "description": "Keeps each key on one arm.",
                  "type": "object",
                  "additionalProperties": false,
                  "minProperties": 1,
                  "maxProperties": 1,
                  "examples": [
                    {
                      "cookie": "session"
                    }
                  ],
                  "properties": {
                    "header": {
                      "description": "The header that holds the key.",
                      "type": "string",
                      "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$",
                      "examples": [
                        "x-user-id"
                      ]
                    },
                    "cookie": {
                      "description": "The cookie that holds the key.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 128,
                      "examples": [
                        "session"
                      ]
                    },
                    "key": {
                      "description": "The query parameter that holds the key.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 128,
                      "examples": [
                        "user"
                      ]
                    }
                  }
                },
                "match": {
                  "description": "Requests that go to one arm whatever their key. In order: the first rule whose conditions all hold decides.",
                  "type": "array",
                  "maxItems": 32,
                  "examples": [
                    [
                      {
                        "all": [
                          {
                            "header": "x-team",
                            "equals": "birds"
                          }
                        ],
                        "arm": "treatment"
                      }
                    ]
                  ],
                  "items": {
                    "type": "object",
                    "required": [
                      "all",
                      "arm"
                    ],
                    "additionalProperties": false,
                    "properties": {
                      "all": {
                        "description": "Conditions; each has one of `header` and `query`, and one of `equals` and `regex`.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 8,
                        "examples": [
                          [
                            {
                              "header": "x-team",
                              "equals": "birds"
                            }
                          ]
                        ],
                        "items": {
                          "type": "object",
                          "minProperties": 2,
                          "maxProperties": 2,
                          "additionalProperties": false,
                          "properties": {
                            "header": {
                              "description": "The header to read.",
                              "type": "string",
                              "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$",
                              "examples": [
                                "x-team"
                              ]
                            },
                            "query": {
                              "description": "The query parameter to read.",
                              "type": "string",
                              "minLength": 1,
                              "maxLength": 128,
                              "examples": [
                                "region"
                              ]
                            },
                            "equals": {
                              "description": "The whole text, exactly.",
                              "type": "string",
                              "maxLength": 1024,
                              "examples": [
                                "birds"
                              ]
                            },
                            "regex": {
                              "description": "A regular expression of RE2 that is found anywhere in the text.",
                              "type": "string",
                              "minLength": 1,
                              "maxLength": 512,
                              "examples": [
                                "^eu-"
                              ]
                            }
                          }
                        }
                      },
                      "arm": {
                        "description": "The arm that they go to.",
                        "type": "string",
                        "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                        "examples": [
                          "treatment"
                        ]
                      }
                    }
                  }
                },
                "metric": {
                  "description": "The AnalysisTemplates that tell the arms apart: successful where the candidate is better by `minimumEffect`, failed where it is not.",
                  "type": "object",
                  "required": [
                    "templates"
                  ],
                  "additionalProperties": false,
                  "examples": [
                    {
                      "templates": [
                        {
                          "templateName": "fewer-errors"
                        }
                      ]
                    }
                  ],
                  "properties": {
                    "templates": {
                      "description": "The AnalysisTemplates to run; all of them must hold.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 16,
                      "examples": [
                        [
                          {
                            "templateName": "healthy"
                          }
                        ]
                      ],
                      "items": {
                        "type": "object",
                        "required": [
                          "templateName"
                        ],
                        "additionalProperties": false,
                        "properties": {
                          "templateName": {
                            "description": "The name of an AnalysisTemplate.",
                            "type": "string",
                            "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                            "examples": [
                              "healthy"
                            ]
                          }
                        }
                      }
                    },
                    "args": {
                      "description": "What the templates ask to be given.",
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
                          "name",
                          "value"
                        ],
                        "additionalProperties": false,
                        "properties": {
                          "name": {
                            "description": "The argument's name, as the template declares it.",
                            "type": "string",
                            "pattern": "^[a-z][a-z0-9-]{0,62}$",
                            "examples": [
                              "max-error-rate"
                            ]
                          },
                          "value": {
                            "description": "Its value, as a text.",
                            "type": "string",
                            "maxLength": 2048,
                            "examples": [
                              "0.01"
                            ]
                          }
                        }
                      }
                    }
                  }
                },
                "minimumEffect": {
                  "description": "The least difference that is worth a change, given to the templates as the argument `minimum-effect`.",
                  "type": "number",
                  "examples": [
                    0.01
                  ]
                },
                "stopRule": {
                  "description": "`sequential` ends as soon as the metric tells (its template must allow looks at any time), `fixed` when the duration is over and not before.",
                  "type": "string",
                  "enum": [
                    "sequential",
                    "fixed"
                  ],
                  "default": "sequential",
                  "examples": [
                    "sequential"
                  ]
                },
                "duration": {
                  "description": "How long the test lasts at most. What is undecided then waits for a human.",
                  "type": "string",
                  "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                  "examples": [
                    "7d"
                  ]
                }
              }
            }
          }
        },
        "progressDeadline": {
          "description": "How long a walk may stand still (traffic that does not move, an analysis that cannot measure) before traffic goes back. Pauses do not count.",
          "type": "string",
          "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
          "examples": [
            "10m"
          ],
          "default": "10m"
        },
        "keepWarm": {
          "description": "How long the previous version stays loaded after a switch, so that going back is instant. 0s releases it at once.",
          "type": "string",
          "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
          "examples": [
            "10m"
          ],
          "default": "10m"
        },
        "logging": {
          "description": "What of its predictions is kept in the prediction log. Without it, nothing is.",
          "type": "object",
          "additionalProperties": false,
          "examples": [
            {
              "sample": 1,
              "redact": [
                "operator"
              ],
              "retain": "30d"
            }
          ],
          "properties": {
            "sample": {
              "description": "The share of predictions that is kept, from 0 to 1.",
              "type": "number",
              "minimum": 0,
              "maximum": 1,
              "default": 1,
              "examples": [
                0.1
              ]
            },
            "redact": {
              "description": "Inputs and outputs that are not kept as they are. A name alone is dropped. It is done in the inference process, before anything is written.",
              "type": "array",
              "maxItems": 512,
              "examples": [
                [
                  "operator",
                  {
                    "name": "airport",
                    "by": "hash"
                  },
                  {
                    "name": "speed_knots",
                    "by": "bucket",
                    "width": 25
                  }
                ]
              ],
              "items": {
                "anyOf": [
                  {
                    "description": "The tensor's name, as the model's graph and its callers write it.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 256,
                    "examples": [
                      "speed"
                    ]
                  },
                  {
                    "type": "object",
                    "required": [
                      "name",
                      "by"
                    ],
                    "additionalProperties": false,
                    "properties": {
                      "name": {
                        "description": "The tensor's name, as the model's graph and its callers write it.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "examples": [
                          "speed"
                        ]
                      },
                      "by": {
                        "description": "How: `drop` keeps nothing of it, `hash` a pseudonym that only this platform's key makes, `bucket` the number at which its bucket begins.",
                        "type": "string",
                        "enum": [
                          "drop",
                          "hash",
                          "bucket"
                        ],
                        "examples": [
                          "hash"
                        ]
                      },
                      "width": {
                        "description": "How wide a bucket is; `bucket` needs it.",
                        "type": "number",
                        "exclusiveMinimum": 0,
                        "examples": [
                          25
                        ]
                      }
                    }
                  }
                ]
              }
            },
            "tenant": {
              "description": "Where a request says on whose behalf it asks; kept as it is. Exactly one of `header`, `cookie` and `query`.",
              "type": "object",
              "minProperties": 1,
              "maxProperties": 1,
              "additionalProperties": false,
              "examples": [
                {
                  "header": "x-tenant"
                }
              ],
              "properties": {
                "header": {
                  "description": "A header of that name.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "examples": [
                    "x-tenant"
                  ]
                },
                "cookie": {
                  "description": "A cookie of that name.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "examples": [
                    "tenant"
                  ]
                },
                "query": {
                  "description": "A parameter of that name in the query.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "examples": [
                    "tenant"
                  ]
                }
              }
            },
            "subject": {
              "description": "Whom a prediction is about, so that all that is kept of them can be erased: kept as a pseudonym. Exactly one of `input`, `header`, `cookie` and `query`.",
              "type": "object",
              "minProperties": 1,
              "maxProperties": 1,
              "additionalProperties": false,
              "examples": [
                {
                  "header": "x-user"
                },
                {
                  "input": "operator"
                }
              ],
              "properties": {
                "input": {
                  "description": "The input that names them, row by row.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "examples": [
                    "operator"
                  ]
                },
                "header": {
                  "description": "A header of that name.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "examples": [
                    "x-user"
                  ]
                },
                "cookie": {
                  "description": "A cookie of that name.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "examples": [
                    "user"
                  ]
                },
                "query": {
                  "description": "A parameter of that name in the query.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "examples": [
                    "user"
                  ]
                }
              }
            },
            "retain": {
              "description": "How long predictions and their labels are kept, to the day.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "30d"
              ],
              "default": "30d"
            },
            "outliers": {
              "description": "Says of each row that is kept how far its inputs are from what is usual: the column `outlier` of the log, from 1 on an outlier. It is done in the inference process, after the answer.",
              "type": "object",
              "required": [
                "reference"
              ],
              "additionalProperties": false,
              "examples": [
                {
                  "reference": "/datasets/bird-strike.profile.json"
                }
              ],
              "properties": {
                "reference": {
                  "description": "The profile of what is usual: a file of `switchyard profile data`, as a path from this manifest or, with a leading slash, from the root of the registry. At most 256 KiB. Its columns are matched with inputs by name.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 512,
                  "examples": [
                    "/datasets/bird-strike.profile.json"
                  ]
                },
                "spreads": {
                  "description": "How many spreads away from the median a number is an outlier; a spread is the standard deviation where values are normal, and of its own side where they are skewed.",
                  "type": "number",
                  "exclusiveMinimum": 0,
                  "maximum": 1000000,
                  "default": 8,
                  "examples": [
                    6
                  ]
                },
                "rare": {
                  "description": "The share of the profile's rows at which a category, or a missing value, is an outlier.",
                  "type": "number",
                  "exclusiveMinimum": 0,
                  "exclusiveMaximum": 1,
                  "default": 0.001,
                  "examples": [
                    0.0001
                  ]
                }
              }
            },
            "feedbackFor": {
              "description": "How long after a prediction its label is still taken. By default as long as the prediction is kept.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "14d"
              ]
            }
          }
        },
        "batching": {
          "description": "How requests that arrive together are run together.",
          "type": "object",
          "additionalProperties": false,
          "examples": [
            {
              "maxBatchSize": 32,
              "maxDelay": "0ms"
            }
          ],
          "properties": {
            "maxBatchSize": {
              "description": "The most rows in one run of the model; 1 turns batching off.",
              "type": "integer",
              "minimum": 1,
              "maximum": 4096,
              "default": 32,
              "examples": [
                32
              ]
            },
            "maxDelay": {
              "description": "How long a request may wait for others. 0ms batches what already waits, and after a long run those whom it answered.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "0ms"
              ],
              "default": "0ms"
            }
          }
        },
        "runtime": {
          "description": "Where its versions run in each inference process. What it says of threads and provider holds instead of what a version says.",
          "type": "object",
          "additionalProperties": false,
          "examples": [
            {
              "placement": "worker",
              "replicas": 2
            }
          ],
          "properties": {
            "placement": {
              "description": "On the event loop of the inference process (`inline`), in a thread of its own (`worker`), or as its measured runs and its size suggest (`auto`).",
              "type": "string",
              "enum": [
                "auto",
                "inline",
                "worker"
              ],
              "default": "auto",
              "examples": [
                "worker"
              ]
            },
            "replicas": {
              "description": "Worker threads that run each version side by side, in each inference process. Each has the whole model in memory.",
              "type": "integer",
              "minimum": 1,
              "maximum": 64,
              "default": 1,
              "examples": [
                2
              ]
            },
            "intraOpThreads": {
              "description": "Threads that work on one operator, for each replica. More shorten single runs of large models, and take processors from all others.",
              "type": "integer",
              "minimum": 1,
              "maximum": 256,
              "examples": [
                2
              ]
            },
            "interOpThreads": {
              "description": "Threads that work on operators side by side, for each replica; only with `executionMode: parallel`.",
              "type": "integer",
              "minimum": 1,
              "maximum": 256,
              "examples": [
                2
              ]
            },
            "provider": {
              "description": "What ONNX Runtime runs the graph on; nodes that it does not know run on the processor. A machine without it refuses the version (`ProviderUnavailable`).",
              "type": "string",
              "enum": [
                "cpu",
                "cuda",
                "tensorrt",
                "dml",
                "coreml",
                "webgpu"
              ],
              "examples": [
                "cuda"
              ]
            }
          }
        },
        "cache": {
          "description": "Answers that are kept for those who ask the same of the same version. Without it, none are. Not for models that are stateful.",
          "type": "object",
          "required": [
            "ttl"
          ],
          "additionalProperties": false,
          "examples": [
            {
              "size": "64MiB",
              "ttl": "10m"
            }
          ],
          "properties": {
            "size": {
              "description": "Memory for them in each inference process, as `64MiB`, `64Mi` or `64MB`; what was not asked for the longest goes first.",
              "type": "string",
              "pattern": "^(?=.*[1-9])\\d{1,9}(\\.\\d{1,3})? ?([kMGT]|[KMGT]i)?B?$",
              "examples": [
                "64MiB"
              ],
              "default": "64MiB"
            },
            "ttl": {
              "description": "How long an answer is given again.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "10m"
              ]
            }
          }
        },
        "slo": {
          "description": "What is promised to those who ask: how many requests are answered, and how fast. With it, its error budget is watched, and somebody is told when it burns too fast.",
          "type": "object",
          "additionalProperties": false,
          "examples": [
            {
              "availability": 99.9,
              "p95": "100ms"
            }
          ],
          "properties": {
            "availability": {
              "description": "The percentage of requests that are answered. An answer of 500 or above, one that is no finite number, and a request that finds the queue full are none; other 4xx are not counted.",
              "type": "number",
              "minimum": 50,
              "exclusiveMaximum": 100,
              "examples": [
                99.9
              ]
            },
            "p50": {
              "description": "The time within which 50 % of requests are answered.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "20ms"
              ]
            },
            "p90": {
              "description": "The time within which 90 % of requests are answered.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "50ms"
              ]
            },
            "p95": {
              "description": "The time within which 95 % of requests are answered.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "100ms"
              ]
            },
            "p99": {
              "description": "The time within which 99 % of requests are answered.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "250ms"
              ]
            },
            "window": {
              "description": "What the error budget is for: from 3d to 90d.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "30d"
              ],
              "default": "30d"
            },
            "minRequests": {
              "description": "A window with fewer requests alarms nobody.",
              "type": "integer",
              "minimum": 1,
              "maximum": 1000000,
              "default": 30,
              "examples": [
                30
              ]
            }
          }
        },
        "limits": {
          "description": "When a request is refused instead of kept waiting.",
          "type": "object",
          "additionalProperties": false,
          "examples": [
            {
              "maxQueue": 1000,
              "timeout": "30s"
            }
          ],
          "properties": {
            "maxQueue": {
              "description": "How many requests may wait for a version in one inference process; one more is refused with 429.",
              "type": "integer",
              "minimum": 1,
              "maximum": 1000000,
              "default": 1000,
              "examples": [
                1000
              ]
            },
            "timeout": {
              "description": "How long a request may take before it is answered with 504.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "30s"
              ],
              "default": "30s"
            },
            "rates": {
              "description": "How many requests of one key each inference process takes; more are refused with 429. Each of them holds.",
              "type": "array",
              "minItems": 1,
              "maxItems": 8,
              "examples": [
                [
                  {
                    "key": {
                      "header": "x-api-key"
                    },
                    "rate": "100/s",
                    "burst": 200
                  }
                ]
              ],
              "items": {
                "type": "object",
                "required": [
                  "rate"
                ],
                "additionalProperties": false,
                "properties": {
                  "key": {
                    "description": "Where a request says whose it is; those that do not say share one bucket. Without it, all requests share one. Exactly one of `header`, `cookie` and `query`.",
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": false,
                    "examples": [
                      {
                        "header": "x-api-key"
                      }
                    ],
                    "properties": {
                      "header": {
                        "description": "A header of that name.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "examples": [
                          "x-api-key"
                        ]
                      },
                      "cookie": {
                        "description": "A cookie of that name.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "examples": [
                          "session"
                        ]
                      },
                      "query": {
                        "description": "A parameter of that name in the query.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "examples": [
                          "key"
                        ]
                      }
                    }
                  },
                  "rate": {
                    "description": "How many a second (`100/s`), a minute (`m`) or an hour (`h`).",
                    "type": "string",
                    "pattern": "^[1-9][0-9]{0,8}/[smh]$",
                    "examples": [
                      "100/s"
                    ]
                  },
                  "burst": {
                    "description": "How many may come at once, after a pause. By default as many as in a second, but one at least.",
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 1000000,
                    "examples": [
                      200
                    ]
                  }
                }
              }
            }
          }
        }
      }
    }
  }
} as const;
