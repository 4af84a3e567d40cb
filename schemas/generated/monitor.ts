// Written by `npm run generate` from schemas/monitor.schema.json: edit that file instead.

/**
 * Watches what a deployment is asked and answers: how far that is from what its model was made for, and how right it is.
 */
export interface Monitor {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always Monitor.
   */
  kind: 'Monitor';
  /**
   * What the monitor is called and what is known about it.
   */
  metadata: {
    /**
     * The monitor's name.
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
   * What is watched, beside what, and when it is a breach.
   */
  spec: {
    /**
     * What the monitor is for, in a sentence or two.
     */
    description?: string;
    /**
     * The deployment whose predictions are watched. It must keep them: see `logging` of the Deployment.
     */
    target: {
      /**
       * The deployment's name.
       */
      deployment: string;
      /**
       * The environment that it is in.
       */
      environment: string;
    };
    /**
     * Which predictions each check looks at: exactly one of `size` and `rows`.
     */
    window: {
      /**
       * Those of so long before the check.
       */
      size?: string;
      /**
       * The newest so many rows, of at most 30 days; rows of one moment, as those of one request, come together.
       */
      rows?: number;
      /**
       * With fewer rows nothing is judged: the check is inconclusive.
       */
      minRows?: number;
    };
    /**
     * When checks run: at most one of `every` and `cron`. Without it, as often as the window is long, at most once a minute; of `rows` every 5 minutes.
     */
    schedule?: {
      /**
       * Time from one check to the next, counted from midnight UTC on; 10s or more.
       */
      every?: string;
      /**
       * Five fields, in UTC: minute, hour, day, month, weekday.
       */
      cron?: string;
    };
    /**
     * What the predictions are compared with: a dataset, earlier traffic, or both; then what the dataset has counts, and of traffic what it has not, such as outputs.
     */
    reference: {
      /**
       * Rows of a dataset. Inputs are its columns of their names; what `evaluation.inputs` of the Model says holds here, too.
       */
      dataset?: {
        /**
         * The dataset's name.
         */
        name: string;
        /**
         * The version of the dataset.
         */
        version: string;
        /**
         * Which rows count: those that meet all of these. Without it, the profile that the version names is taken, or else all rows.
         *
         * @minItems 1
         * @maxItems 64
         */
        where?: {
          /**
           * The column that is looked at.
           */
          column: string;
          /**
           * The value is one of these, as the file writes them.
           *
           * @minItems 1
           * @maxItems 1024
           */
          in?: string[];
          /**
           * The value is at least this: as a number where the column holds numbers, else as text, which suits dates.
           */
          from?: string;
          /**
           * The value is at most this.
           */
          to?: string;
        }[];
      };
      /**
       * Predictions of the same deployment from a stretch of time. Once it is over its profile is kept, also when the predictions are kept no longer.
       */
      traffic?: {
        /**
         * From then on.
         */
        from: string;
        /**
         * Until then.
         */
        to: string;
      };
    };
    /**
     * What is done about a breach beside telling of it.
     */
    onBreach?: {
      /**
       * A proposal, once for each breach; people decide. It takes the place of an open one about the deployment's version.
       */
      propose: {
        /**
         * The version that the deployment is to go back to.
         */
        rollbackTo: string;
      };
    };
    /**
     * Whether inputs are what the columns of the reference's dataset promise: types, ranges, missing values, categories. A promise that is broken is a breach.
     */
    quality?: {
      /**
       * Inputs that are not judged.
       *
       * @minItems 1
       * @maxItems 512
       */
      ignore?: string[];
    };
    /**
     * How right the predictions are: measured where labels have come, estimated where they have not.
     */
    performance?: {
      /**
       * The figures that are measured, and their limits. All of one sort: of two classes, of several, or of numbers.
       *
       * @minItems 1
       * @maxItems 16
       */
      metrics: {
        /**
         * The figure; docs/performance.md says which is for what.
         */
        name:
          | 'accuracy'
          | 'precision'
          | 'recall'
          | 'f1'
          | 'auc'
          | 'average-precision'
          | 'log-loss'
          | 'brier'
          | 'expected-calibration-error'
          | 'calibration-slope'
          | 'calibration-intercept'
          | 'precision-macro'
          | 'recall-macro'
          | 'f1-macro'
          | 'precision-weighted'
          | 'recall-weighted'
          | 'f1-weighted'
          | 'mae'
          | 'rmse'
          | 'mape'
          | 'r2';
        /**
         * It is a breach where the figure is below this for sure: where its interval is.
         */
        min?: number;
        /**
         * It is a breach where the figure is above this for sure.
         */
        max?: number;
        /**
         * By how much it may become worse than in `reference.traffic`, in its own unit; a breach where it is more for sure.
         */
        maxDrop?: number;
      }[];
      /**
       * The probability from which on a row is predicted positive. By default what the model says itself (`evaluation.prediction` of the Model), else 0.5.
       */
      threshold?: number;
      /**
       * Parts of the predictions whose figures are measured for themselves as well, by the value of an input. One below a limit for sure is a warning.
       *
       * @minItems 1
       * @maxItems 8
       */
      slices?: {
        /**
         * The name of the input.
         */
        input: string;
        /**
         * Its values: a slice each. Without them, the 20 most frequent ones and all others; of numbers with more values, quarters of them.
         *
         * @minItems 1
         * @maxItems 20
         */
        values?: (string | number)[];
      }[];
      /**
       * How long labels take to come: measured are predictions of a window that ended so long before. The estimate is of the window itself.
       */
      labelsAfter?: string;
      /**
       * With fewer labels nothing is measured, only estimated.
       */
      minLabels?: number;
      /**
       * Whether figures of two classes are estimated without labels, from the newest labelled predictions before the window. Below a limit, it is a warning.
       */
      estimate?: boolean;
    };
    /**
     * Whether the predictions are distributed otherwise than the reference. A column drifts where its difference is significant after correction and its effect large enough, or where values went missing.
     */
    drift?: {
      /**
       * Parts of the predictions that are compared for themselves as well, by the value of an input; at most 64 of them. They share `alpha`.
       *
       * @minItems 1
       * @maxItems 16
       */
      slices?: {
        /**
         * The name of the input.
         */
        input: string;
        /**
         * Its values: a slice each.
         *
         * @minItems 1
         * @maxItems 64
         */
        values: (string | number)[];
      }[];
      /**
       * Inputs and outputs that are compared otherwise than by default.
       *
       * @minItems 1
       * @maxItems 512
       */
      columns?: {
        /**
         * The input's or the output's name; of one with several values a row, with the place of the value: `pixels[3]`.
         */
        column: string;
        /**
         * How it is compared. By default, as Evidently chooses: a test of significance up to 1,000 rows of the reference, a distance above. The last six need the values themselves, and look at a sample of the rows.
         */
        test?:
          | 'kolmogorov-smirnov'
          | 'wasserstein'
          | 'welch-t'
          | 'student-t'
          | 'chi-square'
          | 'g-test'
          | 'z-test'
          | 'fisher-exact'
          | 'psi'
          | 'jensen-shannon'
          | 'kullback-leibler'
          | 'hellinger'
          | 'total-variation'
          | 'l-infinity'
          | 'mann-whitney'
          | 'cramer-von-mises'
          | 'anderson-darling'
          | 'epps-singleton'
          | 'energy-distance'
          | 'mmd';
        /**
         * From which effect on it has drifted. By default, what is usual for the test: mostly 0.1.
         */
        effect?: number;
      }[];
      /**
       * Inputs and outputs that are not compared, and `told label`. What the deployment redacts never is.
       *
       * @minItems 1
       * @maxItems 512
       */
      ignore?: string[];
      /**
       * From which p value on, after correction, a difference may be chance.
       */
      alpha?: number;
      /**
       * How p values are corrected for the number of columns: `benjamini-hochberg` bounds the share of false drifts, `holm` the chance of any.
       */
      correction?: 'benjamini-hochberg' | 'holm' | 'none';
      /**
       * From which percentage of drifted columns on it is a breach. Fewer are a warning.
       */
      share?: number;
      /**
       * Compares the inputs together as well: whether values belong together as they did. By a sample of the rows, of the window and of the reference. A drift of it is a breach.
       */
      multivariate?: {
        /**
         * How; both, where it is not said. docs/drift/multivariate.md says which is for what.
         *
         * @minItems 1
         * @maxItems 2
         */
        methods?: ('domain-classifier' | 'pca-reconstruction')[];
      };
      /**
       * How many rows are looked at, of the window and of the reference each, where values themselves are needed: by `multivariate`, and by tests that no profile suffices for.
       */
      sample?: number;
      /**
       * Watches the share of drifted columns over windows that share no rows: many small signs that none of them alone would tell.
       */
      overTime?: {
        /**
         * The percentage of columns that drift in the mean while all is well. It is an alarm, and a breach, where more do.
         */
        baseline?: number;
        /**
         * The chance of any false alarm ever, however many checks there are.
         */
        alpha?: number;
        /**
         * Known detectors of change beside it. Their alarms are warnings: they have no bound on false ones.
         *
         * @minItems 1
         * @maxItems 3
         */
        detectors?: ('adwin' | 'page-hinkley' | 'ddm')[];
      };
    };
  };
}

export type MonitorSpec = Monitor['spec'];

export const monitorSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Monitor",
  "description": "Watches what a deployment is asked and answers: how far that is from what its model was made for, and how right it is.",
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
      "description": "Always Monitor.",
      "const": "Monitor",
      "examples": [
        "Monitor"
      ]
    },
    "metadata": {
      "description": "What the monitor is called and what is known about it.",
      "type": "object",
      "required": [
        "name"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "name": "bird-strike"
        }
      ],
      "properties": {
        "name": {
          "description": "The monitor's name.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "bird-strike"
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
      "description": "What is watched, beside what, and when it is a breach.",
      "type": "object",
      "required": [
        "target",
        "window",
        "reference"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "target": {
            "deployment": "bird-strike",
            "environment": "production"
          },
          "window": {
            "size": "1d",
            "minRows": 200
          },
          "reference": {
            "dataset": {
              "name": "bird-strike",
              "version": "1"
            }
          },
          "drift": {
            "share": 50
          }
        }
      ],
      "properties": {
        "description": {
          "description": "What the monitor is for, in a sentence or two.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2048,
          "examples": [
            "Whether strikes are still those that the model was trained on."
          ]
        },
        "target": {
          "description": "The deployment whose predictions are watched. It must keep them: see `logging` of the Deployment.",
          "type": "object",
          "required": [
            "deployment",
            "environment"
          ],
          "additionalProperties": false,
          "examples": [
            {
              "deployment": "bird-strike",
              "environment": "production"
            }
          ],
          "properties": {
            "deployment": {
              "description": "The deployment's name.",
              "type": "string",
              "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
              "examples": [
                "bird-strike"
              ]
            },
            "environment": {
              "description": "The environment that it is in.",
              "type": "string",
              "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
              "examples": [
                "production"
              ]
            }
          }
        },
        "window": {
          "description": "Which predictions each check looks at: exactly one of `size` and `rows`.",
          "type": "object",
          "additionalProperties": false,
          "examples": [
            {
              "size": "1d",
              "minRows": 200
            },
            {
              "rows": 1000
            }
          ],
          "properties": {
            "size": {
              "description": "Those of so long before the check.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "1d"
              ]
            },
            "rows": {
              "description": "The newest so many rows, of at most 30 days; rows of one moment, as those of one request, come together.",
              "type": "integer",
              "minimum": 10,
              "maximum": 10000000,
              "examples": [
                1000
              ]
            },
            "minRows": {
              "description": "With fewer rows nothing is judged: the check is inconclusive.",
              "type": "integer",
              "minimum": 10,
              "maximum": 10000000,
              "default": 100,
              "examples": [
                200
              ]
            }
          }
        },
        "schedule": {
          "description": "When checks run: at most one of `every` and `cron`. Without it, as often as the window is long, at most once a minute; of `rows` every 5 minutes.",
          "type": "object",
          "additionalProperties": false,
          "minProperties": 1,
          "maxProperties": 1,
          "examples": [
            {
              "every": "1h"
            },
            {
              "cron": "15 6 * * *"
            }
          ],
          "properties": {
            "every": {
              "description": "Time from one check to the next, counted from midnight UTC on; 10s or more.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "1h"
              ]
            },
            "cron": {
              "description": "Five fields, in UTC: minute, hour, day, month, weekday.",
              "type": "string",
              "minLength": 9,
              "maxLength": 128,
              "examples": [
                "15 6 * * *"
              ]
            }
          }
        },
        "reference": {
          "description": "What the predictions are compared with: a dataset, earlier traffic, or both; then what the dataset has counts, and of traffic what it has not, such as outputs.",
          "type": "object",
          "additionalProperties": false,
          "minProperties": 1,
          "examples": [
            {
              "dataset": {
                "name": "bird-strike",
                "version": "1"
              }
            }
          ],
          "properties": {
            "dataset": {
              "description": "Rows of a dataset. Inputs are its columns of their names; what `evaluation.inputs` of the Model says holds here, too.",
              "type": "object",
              "required": [
                "name",
                "version"
              ],
              "additionalProperties": false,
              "examples": [
                {
                  "name": "bird-strike",
                  "version": "1"
                }
              ],
              "properties": {
                "name": {
                  "description": "The dataset's name.",
                  "type": "string",
                  "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                  "examples": [
                    "bird-strike"
                  ]
                },
                "version": {
                  "description": "The version of the dataset.",
                  "type": "string",
                  "pattern": "^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
                  "examples": [
                    "1"
                  ]
                },
                "where": {
                  "description": "Which rows count: those that meet all of these. Without it, the profile that the version names is taken, or else all rows.",
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 64,
                  "examples": [
                    [
                      {
                        "column": "flight_date",
                        "from": "1990-01-01",
                        "to": "1994-12-31"
                      }
                    ]
                  ],
                  "items": {
                    "type": "object",
                    "required": [
                      "column"
                    ],
                    "additionalProperties": false,
                    "properties": {
                      "column": {
                        "description": "The column that is looked at.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "examples": [
                          "flight_date"
                        ]
                      },
                      "in": {
                        "description": "The value is one of these, as the file writes them.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 1024,
                        "items": {
                          "type": "string",
                          "maxLength": 256
                        },
                        "examples": [
                          [
                            "Day",
                            "Dusk"
                          ]
                        ]
                      },
                      "from": {
                        "description": "The value is at least this: as a number where the column holds numbers, else as text, which suits dates.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "examples": [
                          "1990-01-01"
                        ]
                      },
                      "to": {
                        "description": "The value is at most this.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "examples": [
                          "1994-12-31"
                        ]
                      }
                    }
                  }
                }
              }
            },
            "traffic": {
              "description": "Predictions of the same deployment from a stretch of time. Once it is over its profile is kept, also when the predictions are kept no longer.",
              "type": "object",
              "required": [
                "from",
                "to"
              ],
              "additionalProperties": false,
              "examples": [
                {
                  "from": "2026-01-01T00:00:00Z",
                  "to": "2026-01-08T00:00:00Z"
                }
              ],
              "properties": {
                "from": {
                  "description": "From then on.",
                  "type": "string",
                  "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$",
                  "examples": [
                    "2026-01-01T00:00:00Z"
                  ]
                },
                "to": {
                  "description": "Until then.",
                  "type": "string",
                  "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$",
                  "examples": [
                    "2026-01-08T00:00:00Z"
                  ]
                }
              }
            }
          }
        },
        "onBreach": {
          "description": "What is done about a breach beside telling of it.",
          "type": "object",
          "required": [
            "propose"
          ],
          "additionalProperties": false,
          "examples": [
            {
              "propose": {
                "rollbackTo": "1.0.0"
              }
            }
          ],
          "properties": {
            "propose": {
              "description": "A proposal, once for each breach; people decide. It takes the place of an open one about the deployment's version.",
              "type": "object",
              "required": [
                "rollbackTo"
              ],
              "additionalProperties": false,
              "examples": [
                {
                  "rollbackTo": "1.0.0"
                }
              ],
              "properties": {
                "rollbackTo": {
                  "description": "The version that the deployment is to go back to.",
                  "type": "string",
                  "maxLength": 128,
                  "pattern": "^(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})(-(0|[1-9]\\d{0,8}|\\d*[a-z-][0-9a-z-]*)(\\.(0|[1-9]\\d{0,8}|\\d*[a-z-][0-9a-z-]*))*)?$",
                  "examples": [
                    "1.0.0"
                  ]
                }
              }
            }
          }
        },
        "quality": {
          "description": "Whether inputs are what the columns of the reference's dataset promise: types, ranges, missing values, categories. A promise that is broken is a breach.",
          "type": "object",
          "additionalProperties": false,
          "examples": [
            {
              "ignore": [
                "airport"
              ]
            }
          ],
          "properties": {
            "ignore": {
              "description": "Inputs that are not judged.",
              "type": "array",
              "minItems": 1,
              "maxItems": 512,
              "uniqueItems": true,
              "items": {
                "type": "string",
                "minLength": 1,
                "maxLength": 256
              },
              "examples": [
                [
                  "airport"
                ]
              ]
            }
          }
        },
        "performance": {
          "description": "How right the predictions are: measured where labels have come, estimated where they have not.",
          "type": "object",
          "required": [
            "metrics"
          ],
          "additionalProperties": false,
          "examples": [
            {
              "metrics": [
                {
                  "name": "auc",
                  "min": 0.7
                }
              ],
              "slices": [
                {
                  "input": "wildlife_size"
                }
              ]
            }
          ],
          "properties": {
            "metrics": {
              "description": "The figures that are measured, and their limits. All of one sort: of two classes, of several, or of numbers.",
              "type": "array",
              "minItems": 1,
              "maxItems": 16,
              "examples": [
                [
                  {
                    "name": "auc",
                    "min": 0.7
                  },
                  {
                    "name": "brier",
                    "max": 0.2
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
                    "description": "The figure; docs/performance.md says which is for what.",
                    "type": "string",
                    "enum": [
                      "accuracy",
                      "precision",
                      "recall",
                      "f1",
                      "auc",
                      "average-precision",
                      "log-loss",
                      "brier",
                      "expected-calibration-error",
                      "calibration-slope",
                      "calibration-intercept",
                      "precision-macro",
                      "recall-macro",
                      "f1-macro",
                      "precision-weighted",
                      "recall-weighted",
                      "f1-weighted",
                      "mae",
                      "rmse",
                      "mape",
                      "r2"
                    ],
                    "examples": [
                      "auc"
                    ]
                  },
                  "min": {
                    "description": "It is a breach where the figure is below this for sure: where its interval is.",
                    "type": "number",
                    "examples": [
                      0.7
                    ]
                  },
                  "max": {
                    "description": "It is a breach where the figure is above this for sure.",
                    "type": "number",
                    "examples": [
                      0.2
                    ]
                  },
                  "maxDrop": {
                    "description": "By how much it may become worse than in `reference.traffic`, in its own unit; a breach where it is more for sure.",
                    "type": "number",
                    "minimum": 0,
                    "examples": [
                      0.05
                    ]
                  }
                }
              }
            },
            "threshold": {
              "description": "The probability from which on a row is predicted positive. By default what the model says itself (`evaluation.prediction` of the Model), else 0.5.",
              "type": "number",
              "minimum": 0,
              "maximum": 1,
              "examples": [
                0.5
              ]
            },
            "slices": {
              "description": "Parts of the predictions whose figures are measured for themselves as well, by the value of an input. One below a limit for sure is a warning.",
              "type": "array",
              "minItems": 1,
              "maxItems": 8,
              "examples": [
                [
                  {
                    "input": "wildlife_size"
                  }
                ]
              ],
              "items": {
                "type": "object",
                "required": [
                  "input"
                ],
                "additionalProperties": false,
                "properties": {
                  "input": {
                    "description": "The name of the input.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 256,
                    "examples": [
                      "phase_of_flight"
                    ]
                  },
                  "values": {
                    "description": "Its values: a slice each. Without them, the 20 most frequent ones and all others; of numbers with more values, quarters of them.",
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 20,
                    "uniqueItems": true,
                    "items": {
                      "anyOf": [
                        {
                          "type": "string",
                          "maxLength": 256
                        },
                        {
                          "type": "number"
                        }
                      ]
                    },
                    "examples": [
                      [
                        "Approach",
                        "Climb"
                      ]
                    ]
                  }
                }
              }
            },
            "labelsAfter": {
              "description": "How long labels take to come: measured are predictions of a window that ended so long before. The estimate is of the window itself.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "7d"
              ]
            },
            "minLabels": {
              "description": "With fewer labels nothing is measured, only estimated.",
              "type": "integer",
              "minimum": 10,
              "maximum": 20000,
              "default": 100,
              "examples": [
                200
              ]
            },
            "estimate": {
              "description": "Whether figures of two classes are estimated without labels, from the newest labelled predictions before the window. Below a limit, it is a warning.",
              "type": "boolean",
              "default": true,
              "examples": [
                false
              ]
            }
          }
        },
        "drift": {
          "description": "Whether the predictions are distributed otherwise than the reference. A column drifts where its difference is significant after correction and its effect large enough, or where values went missing.",
          "type": "object",
          "additionalProperties": false,
          "examples": [
            {
              "share": 50,
              "ignore": [
                "airport"
              ]
            }
          ],
          "properties": {
            "slices": {
              "description": "Parts of the predictions that are compared for themselves as well, by the value of an input; at most 64 of them. They share `alpha`.",
              "type": "array",
              "minItems": 1,
              "maxItems": 16,
              "examples": [
                [
                  {
                    "input": "phase_of_flight",
                    "values": [
                      "Approach",
                      "Climb"
                    ]
                  }
                ]
              ],
              "items": {
                "type": "object",
                "required": [
                  "input",
                  "values"
                ],
                "additionalProperties": false,
                "properties": {
                  "input": {
                    "description": "The name of the input.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 256,
                    "examples": [
                      "phase_of_flight"
                    ]
                  },
                  "values": {
                    "description": "Its values: a slice each.",
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 64,
                    "uniqueItems": true,
                    "items": {
                      "anyOf": [
                        {
                          "type": "string",
                          "maxLength": 256
                        },
                        {
                          "type": "number"
                        }
                      ]
                    },
                    "examples": [
                      [
                        "Approach",
                        "Climb"
                      ]
                    ]
                  }
                }
              }
            },
            "columns": {
              "description": "Inputs and outputs that are compared otherwise than by default.",
              "type": "array",
              "minItems": 1,
              "maxItems": 512,
              "examples": [
                [
                  {
                    "column": "speed_knots",
                    "test": "kolmogorov-smirnov",
                    "effect": 0.15
                  }
                ]
              ],
              "items": {
                "type": "object",
                "required": [
                  "column"
                ],
                "additionalProperties": false,
                "minProperties": 2,
                "properties": {
                  "column": {
                    "description": "The input's or the output's name; of one with several values a row, with the place of the value: `pixels[3]`.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 256,
                    "examples": [
                      "speed_knots"
                    ]
                  },
                  "test": {
                    "description": "How it is compared. By default, as Evidently chooses: a test of significance up to 1,000 rows of the reference, a distance above. The last six need the values themselves, and look at a sample of the rows.",
                    "type": "string",
                    "enum": [
                      "kolmogorov-smirnov",
                      "wasserstein",
                      "welch-t",
                      "student-t",
                      "chi-square",
                      "g-test",
                      "z-test",
                      "fisher-exact",
                      "psi",
                      "jensen-shannon",
                      "kullback-leibler",
                      "hellinger",
                      "total-variation",
                      "l-infinity",
                      "mann-whitney",
                      "cramer-von-mises",
                      "anderson-darling",
                      "epps-singleton",
                      "energy-distance",
                      "mmd"
                    ],
                    "examples": [
                      "kolmogorov-smirnov"
                    ]
                  },
                  "effect": {
                    "description": "From which effect on it has drifted. By default, what is usual for the test: mostly 0.1.",
                    "type": "number",
                    "minimum": 0,
                    "maximum": 1000000,
                    "examples": [
                      0.15
                    ]
                  }
                }
              }
            },
            "ignore": {
              "description": "Inputs and outputs that are not compared, and `told label`. What the deployment redacts never is.",
              "type": "array",
              "minItems": 1,
              "maxItems": 512,
              "uniqueItems": true,
              "items": {
                "type": "string",
                "minLength": 1,
                "maxLength": 256
              },
              "examples": [
                [
                  "airport"
                ]
              ]
            },
            "alpha": {
              "description": "From which p value on, after correction, a difference may be chance.",
              "type": "number",
              "exclusiveMinimum": 0,
              "exclusiveMaximum": 1,
              "default": 0.05,
              "examples": [
                0.01
              ]
            },
            "correction": {
              "description": "How p values are corrected for the number of columns: `benjamini-hochberg` bounds the share of false drifts, `holm` the chance of any.",
              "type": "string",
              "enum": [
                "benjamini-hochberg",
                "holm",
                "none"
              ],
              "default": "benjamini-hochberg",
              "examples": [
                "holm"
              ]
            },
            "share": {
              "description": "From which percentage of drifted columns on it is a breach. Fewer are a warning.",
              "type": "integer",
              "minimum": 1,
              "maximum": 100,
              "default": 50,
              "examples": [
                30
              ]
            },
            "multivariate": {
              "description": "Compares the inputs together as well: whether values belong together as they did. By a sample of the rows, of the window and of the reference. A drift of it is a breach.",
              "type": "object",
              "additionalProperties": false,
              "examples": [
                {
                  "methods": [
                    "domain-classifier"
                  ]
                }
              ],
              "properties": {
                "methods": {
                  "description": "How; both, where it is not said. docs/drift/multivariate.md says which is for what.",
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 2,
                  "uniqueItems": true,
                  "items": {
                    "type": "string",
                    "enum": [
                      "domain-classifier",
                      "pca-reconstruction"
                    ]
                  },
                  "examples": [
                    [
                      "domain-classifier"
                    ]
                  ]
                }
              }
            },
            "sample": {
              "description": "How many rows are looked at, of the window and of the reference each, where values themselves are needed: by `multivariate`, and by tests that no profile suffices for.",
              "type": "integer",
              "minimum": 100,
              "maximum": 20000,
              "default": 2000,
              "examples": [
                5000
              ]
            },
            "overTime": {
              "description": "Watches the share of drifted columns over windows that share no rows: many small signs that none of them alone would tell.",
              "type": "object",
              "additionalProperties": false,
              "examples": [
                {
                  "baseline": 10,
                  "alpha": 0.05,
                  "detectors": [
                    "adwin"
                  ]
                }
              ],
              "properties": {
                "baseline": {
                  "description": "The percentage of columns that drift in the mean while all is well. It is an alarm, and a breach, where more do.",
                  "type": "integer",
                  "minimum": 1,
                  "maximum": 99,
                  "default": 10,
                  "examples": [
                    10
                  ]
                },
                "alpha": {
                  "description": "The chance of any false alarm ever, however many checks there are.",
                  "type": "number",
                  "exclusiveMinimum": 0,
                  "exclusiveMaximum": 1,
                  "default": 0.05,
                  "examples": [
                    0.01
                  ]
                },
                "detectors": {
                  "description": "Known detectors of change beside it. Their alarms are warnings: they have no bound on false ones.",
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 3,
                  "uniqueItems": true,
                  "items": {
                    "type": "string",
                    "enum": [
                      "adwin",
                      "page-hinkley",
                      "ddm"
                    ]
                  },
                  "examples": [
                    [
                      "adwin",
                      "page-hinkley"
                    ]
                  ]
                }
              }
            }
          }
        }
      }
    }
  }
} as const;
