// Written by `npm run generate` from schemas/alert-rule.schema.json: edit that file instead.

/**
 * What is worth telling people: a condition, and how long it must hold.
 */
export interface AlertRule {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always AlertRule.
   */
  kind: 'AlertRule';
  /**
   * What the rule is called and what is known about it.
   */
  metadata: {
    /**
     * The rule's name.
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
   * When it fires, and what is said then.
   */
  spec: {
    /**
     * What the rule is for, in a sentence or two.
     */
    description?: string;
    /**
     * It looks at these resources, each for itself: `resource`, `conditions` and `facts` are there for expressions.
     */
    resources?: {
      /**
       * Their kinds.
       *
       * @minItems 1
       * @maxItems 64
       */
      kinds: string[];
      /**
       * Only those in these environments.
       *
       * @minItems 1
       * @maxItems 64
       */
      environments?: string[];
      /**
       * Only those of these names.
       *
       * @minItems 1
       * @maxItems 64
       */
      names?: string[];
      /**
       * Only those with these labels.
       */
      labels?: {
        [k: string]: string | undefined;
      };
    };
    /**
     * `true`: it looks at the platform itself, as `platform`.
     */
    platform?: true;
    /**
     * It looks at each new entry of the journal, as `entry`. What an entry makes fire is over after `keepFiringFor`, or once it is acknowledged.
     */
    journal?: {
      /**
       * Types of entries.
       *
       * @minItems 1
       * @maxItems 64
       */
      types: string[];
    };
    /**
     * It measures, and what comes out is `result`. With `resources` once for each, else once.
     */
    metric?: {
      /**
       * Where the measurement comes from: exactly one of `builtin`, `prometheus`, `web`, or the name that a plugin gives its source.
       */
      provider: {
        /**
         * What inference processes report about the version that a deployment declares. Only with `resources` of the kind Deployment.
         */
        builtin?: {
          /**
           * What to measure: `errorRate` (share of answers with a status of 500 or above, or that hold no finite number), `latency` (milliseconds), `requests` (how many), `disagreement` (share of mirrored requests that the candidate answers otherwise than stable), `scoreShift` (how far the mean of an output has moved, in standard deviations of stable's).
           */
          metric: 'errorRate' | 'latency' | 'requests' | 'disagreement' | 'scoreShift';
          /**
           * Which quantile of the latency.
           */
          quantile?: number;
          /**
           * How far two numbers may differ and still agree. Labels must be equal.
           */
          tolerance?: 0.000001 | 0.00001 | 0.0001 | 0.001 | 0.01 | 0.1 | 1 | 10 | 100 | 1000;
          /**
           * Which output the score is of; by default the first one of floating-point numbers.
           */
          output?: string;
        };
        /**
         * An instant query to a Prometheus server that the operator named. It must give one number.
         */
        prometheus?: {
          /**
           * PromQL. It must give a scalar or a single series. `{{CEL}}` stands for what the expression gives of the resource.
           */
          query: string;
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
           * CEL over `body`: when it was seen, as RFC 3339 or seconds since 1970. By default the moment of the answer.
           */
          observedAt?: string;
        };
        [k: string]:
          | {}
          | {
              /**
               * What to measure: `errorRate` (share of answers with a status of 500 or above, or that hold no finite number), `latency` (milliseconds), `requests` (how many), `disagreement` (share of mirrored requests that the candidate answers otherwise than stable), `scoreShift` (how far the mean of an output has moved, in standard deviations of stable's).
               */
              metric: 'errorRate' | 'latency' | 'requests' | 'disagreement' | 'scoreShift';
              /**
               * Which quantile of the latency.
               */
              quantile?: number;
              /**
               * How far two numbers may differ and still agree. Labels must be equal.
               */
              tolerance?: 0.000001 | 0.00001 | 0.0001 | 0.001 | 0.01 | 0.1 | 1 | 10 | 100 | 1000;
              /**
               * Which output the score is of; by default the first one of floating-point numbers.
               */
              output?: string;
            }
          | {
              /**
               * PromQL. It must give a scalar or a single series. `{{CEL}}` stands for what the expression gives of the resource.
               */
              query: string;
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
               * CEL over `body`: when it was seen, as RFC 3339 or seconds since 1970. By default the moment of the answer.
               */
              observedAt?: string;
            }
          | undefined;
      };
      /**
       * Time between two measurements.
       */
      interval?: string;
      /**
       * How far back to look.
       */
      window?: string;
      /**
       * What it means that there was nothing to measure: `ok`, or that it fires.
       */
      noData?: 'ok' | 'fire';
    };
    /**
     * CEL: it holds while something is to be told. A key that is not there makes it false. docs/alerts.md lists what it may speak of.
     */
    when: string;
    /**
     * How long it must hold without a break before it fires.
     */
    for?: string;
    /**
     * How long it goes on to fire after it holds no more. For entries of the journal 24h.
     */
    keepFiringFor?: string;
    /**
     * How bad it is; routes tell by it.
     */
    severity?: 'critical' | 'warning' | 'info';
    /**
     * Labels that its alerts have beside `alertname`, `severity`, `kind`, `name`, `environment` and `model`.
     */
    labels?: {
      [k: string]: string | undefined;
    };
    /**
     * What is said, `{{CEL}}` stands for what the expression gives. `summary`: what has happened, in one line. `description`: what it means, and where to begin. `command`: the command that helps. Others are shown as evidence.
     */
    annotations: {
      /**
       * What has happened, in one line.
       */
      summary: string;
      /**
       * More of it: what it means, and where to begin.
       */
      description?: string;
      /**
       * The command that helps.
       */
      command?: string;
      [k: string]: string | undefined;
    };
    /**
     * The page that tells what to do.
     */
    runbook?: string;
  };
}

export type AlertRuleSpec = AlertRule['spec'];

export const alertRuleSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "AlertRule",
  "description": "What is worth telling people: a condition, and how long it must hold.",
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
      "description": "Always AlertRule.",
      "const": "AlertRule",
      "examples": [
        "AlertRule"
      ]
    },
    "metadata": {
      "description": "What the rule is called and what is known about it.",
      "type": "object",
      "required": [
        "name"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "name": "stuck-rollout"
        }
      ],
      "properties": {
        "name": {
          "description": "The rule's name.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "stuck-rollout"
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
      "description": "When it fires, and what is said then.",
      "type": "object",
      "required": [
        "when",
        "annotations"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "resources": {
            "kinds": [
              "Deployment"
            ]
          },
          "when": "conditions.Degraded.reason == \"AnalysisInconclusive\"",
          "for": "15m",
          "severity": "warning",
          "annotations": {
            "summary": "{{resource.name}} waits for a human"
          }
        }
      ],
      "properties": {
        "description": {
          "description": "What the rule is for, in a sentence or two.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2048,
          "examples": [
            "A rollout that waits for a human too long."
          ]
        },
        "resources": {
          "description": "It looks at these resources, each for itself: `resource`, `conditions` and `facts` are there for expressions.",
          "type": "object",
          "required": [
            "kinds"
          ],
          "additionalProperties": false,
          "examples": [
            {
              "kinds": [
                "Deployment"
              ],
              "environments": [
                "production"
              ]
            }
          ],
          "properties": {
            "kinds": {
              "description": "Their kinds.",
              "type": "array",
              "minItems": 1,
              "maxItems": 64,
              "examples": [
                [
                  "Deployment"
                ]
              ],
              "items": {
                "type": "string",
                "pattern": "^[A-Z][A-Za-z0-9]{0,62}$"
              },
              "uniqueItems": true
            },
            "environments": {
              "description": "Only those in these environments.",
              "type": "array",
              "minItems": 1,
              "maxItems": 64,
              "examples": [
                [
                  "production"
                ]
              ],
              "items": {
                "type": "string",
                "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
              },
              "uniqueItems": true
            },
            "names": {
              "description": "Only those of these names.",
              "type": "array",
              "minItems": 1,
              "maxItems": 64,
              "examples": [
                [
                  "bird-strike"
                ]
              ],
              "items": {
                "type": "string",
                "minLength": 1,
                "maxLength": 253
              },
              "uniqueItems": true
            },
            "labels": {
              "description": "Only those with these labels.",
              "type": "object",
              "minProperties": 1,
              "maxProperties": 16,
              "additionalProperties": {
                "type": "string",
                "maxLength": 253
              },
              "examples": [
                {
                  "team": "safety"
                }
              ]
            }
          }
        },
        "platform": {
          "description": "`true`: it looks at the platform itself, as `platform`.",
          "type": "boolean",
          "const": true,
          "examples": [
            true
          ]
        },
        "journal": {
          "description": "It looks at each new entry of the journal, as `entry`. What an entry makes fire is over after `keepFiringFor`, or once it is acknowledged.",
          "type": "object",
          "required": [
            "types"
          ],
          "additionalProperties": false,
          "examples": [
            {
              "types": [
                "deployment.stopped"
              ]
            }
          ],
          "properties": {
            "types": {
              "description": "Types of entries.",
              "type": "array",
              "minItems": 1,
              "maxItems": 64,
              "examples": [
                [
                  "deployment.stopped"
                ]
              ],
              "items": {
                "type": "string",
                "pattern": "^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)+$",
                "maxLength": 128
              },
              "uniqueItems": true
            }
          }
        },
        "metric": {
          "description": "It measures, and what comes out is `result`. With `resources` once for each, else once.",
          "type": "object",
          "required": [
            "provider"
          ],
          "additionalProperties": false,
          "examples": [
            {
              "provider": {
                "prometheus": {
                  "query": "sum(rate(node_disk_io_time_seconds_total[5m]))"
                }
              }
            }
          ],
          "properties": {
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
                  "description": "What inference processes report about the version that a deployment declares. Only with `resources` of the kind Deployment.",
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
                      "description": "What to measure: `errorRate` (share of answers with a status of 500 or above, or that hold no finite number), `latency` (milliseconds), `requests` (how many), `disagreement` (share of mirrored requests that the candidate answers otherwise than stable), `scoreShift` (how far the mean of an output has moved, in standard deviations of stable's).",
                      "type": "string",
                      "enum": [
                        "errorRate",
                        "latency",
                        "requests",
                        "disagreement",
                        "scoreShift"
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
                      "description": "Which output the score is of; by default the first one of floating-point numbers.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 256,
                      "examples": [
                        "probabilities"
                      ]
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
                      "query": "sum(rate(node_disk_io_time_seconds_total[5m]))"
                    }
                  ],
                  "properties": {
                    "query": {
                      "description": "PromQL. It must give a scalar or a single series. `{{CEL}}` stands for what the expression gives of the resource.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 8192,
                      "examples": [
                        "sum(rate(node_disk_io_time_seconds_total[5m]))"
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
                      "url": "https://quality.example.com/v1/open-complaints",
                      "value": "body.count"
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
                        "https://quality.example.com/v1/open-complaints"
                      ]
                    },
                    "value": {
                      "description": "CEL over `body`: what becomes `result`. Where it names a key that is not there, or gives null, there is no data.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 2048,
                      "examples": [
                        "body.count"
                      ]
                    },
                    "observedAt": {
                      "description": "CEL over `body`: when it was seen, as RFC 3339 or seconds since 1970. By default the moment of the answer.",
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
            },
            "interval": {
              "description": "Time between two measurements.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "1m"
              ],
              "default": "1m"
            },
            "window": {
              "description": "How far back to look.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "10m"
              ],
              "default": "5m"
            },
            "noData": {
              "description": "What it means that there was nothing to measure: `ok`, or that it fires.",
              "type": "string",
              "enum": [
                "ok",
                "fire"
              ],
              "default": "ok",
              "examples": [
                "fire"
              ]
            }
          }
        },
        "when": {
          "description": "CEL: it holds while something is to be told. A key that is not there makes it false. docs/alerts.md lists what it may speak of.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2048,
          "examples": [
            "conditions.Degraded.reason == \"AnalysisInconclusive\""
          ]
        },
        "for": {
          "description": "How long it must hold without a break before it fires.",
          "type": "string",
          "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
          "examples": [
            "5m"
          ],
          "default": "0s"
        },
        "keepFiringFor": {
          "description": "How long it goes on to fire after it holds no more. For entries of the journal 24h.",
          "type": "string",
          "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
          "examples": [
            "10m"
          ],
          "default": "0s"
        },
        "severity": {
          "description": "How bad it is; routes tell by it.",
          "type": "string",
          "enum": [
            "critical",
            "warning",
            "info"
          ],
          "default": "warning",
          "examples": [
            "critical"
          ]
        },
        "labels": {
          "description": "Labels that its alerts have beside `alertname`, `severity`, `kind`, `name`, `environment` and `model`.",
          "type": "object",
          "maxProperties": 16,
          "propertyNames": {
            "pattern": "^(?!(alertname|severity|kind|name|environment|model)$)[A-Za-z_][A-Za-z0-9_]{0,62}$"
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
          "description": "What is said, `{{CEL}}` stands for what the expression gives. `summary`: what has happened, in one line. `description`: what it means, and where to begin. `command`: the command that helps. Others are shown as evidence.",
          "type": "object",
          "required": [
            "summary"
          ],
          "maxProperties": 16,
          "propertyNames": {
            "type": "string",
            "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,62}$"
          },
          "properties": {
            "summary": {
              "description": "What has happened, in one line.",
              "type": "string",
              "minLength": 1,
              "maxLength": 512,
              "examples": [
                "{{resource.name}} waits for a human in {{resource.environment}}"
              ]
            },
            "description": {
              "description": "More of it: what it means, and where to begin.",
              "type": "string",
              "minLength": 1,
              "maxLength": 4096,
              "examples": [
                "The analysis could not tell whether {{resource.spec.version}} is good."
              ]
            },
            "command": {
              "description": "The command that helps.",
              "type": "string",
              "minLength": 1,
              "maxLength": 512,
              "examples": [
                "switchyard rollout status {{resource.environment}}/{{resource.name}}"
              ]
            }
          },
          "additionalProperties": {
            "type": "string",
            "minLength": 1,
            "maxLength": 2048
          },
          "examples": [
            {
              "summary": "{{resource.name}} waits for a human",
              "command": "switchyard rollout status {{resource.environment}}/{{resource.name}}"
            }
          ]
        },
        "runbook": {
          "description": "The page that tells what to do.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2048,
          "examples": [
            "https://wiki.example.com/runbooks/stuck-rollout"
          ],
          "pattern": "^https?://[^\\s]+$"
        }
      }
    }
  }
} as const;
