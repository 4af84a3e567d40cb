// Written by `npm run generate` from schemas/policy.schema.json: edit that file instead.

/**
 * Rules that say what a proposal must meet before it may merge.
 */
export interface Policy {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always Policy.
   */
  kind: 'Policy';
  /**
   * What the policy is called and what is known about it.
   */
  metadata: {
    /**
     * The policy's name, as verdicts show it.
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
   * The rules. Each that applies must be met; a rule never takes anything back that another asks for.
   */
  spec: {
    /**
     * What the policy is for, in a sentence or two.
     */
    description?: string;
    /**
     * What is asked for, and of which changes.
     *
     * @minItems 1
     * @maxItems 64
     */
    rules: {
      /**
       * The rule's name, one in its policy; verdicts and pull requests show it.
       */
      name: string;
      /**
       * A CEL expression: the rule applies to a proposal if it holds for one of its changes. By default it applies to every proposal. docs/policies.md lists what it may speak of.
       */
      when?: string;
      /**
       * Checks that must pass. That of the manifests must always.
       */
      checks?: {
        /**
         * Names of checks; `*` means each that ran.
         *
         * @minItems 1
         * @maxItems 64
         */
        pass: string[];
        /**
         * Whether a check that has nothing to say about this change is as good as one that passed.
         */
        neutral?: 'allow' | 'refuse';
      };
      /**
       * How many people must have approved this very commit. The author is none of them, whatever name they use.
       */
      approvals?: {
        /**
         * How many different people.
         */
        count?: number;
        /**
         * Whose approval counts; by default that of everybody whom a team names.
         */
        from?: {
          /**
           * Names of teams: everybody in them.
           *
           * @minItems 1
           * @maxItems 32
           */
          teams?: string[];
          /**
           * Names of people, as teams write them.
           *
           * @minItems 1
           * @maxItems 64
           */
          people?: string[];
        };
      };
      /**
       * How long a version must have served elsewhere before it comes here.
       */
      soak?: {
        /**
         * The environment in which it must have served; by default the one that `promotesFrom` names.
         */
        in?: string;
        /**
         * How long, without a break.
         */
        for: string;
      };
      /**
       * Whether a version must have served in the environment that this one promotes from.
       */
      promotionPath?: boolean;
      /**
       * Times in which nothing that the rule applies to may merge.
       *
       * @minItems 1
       * @maxItems 32
       */
      freeze?: {
        /**
         * When it begins: a time each day (`22:00`), a day and time each week (`fri 16:00`), or a date, with a time or from its first minute (`2026-12-20`).
         */
        from: string;
        /**
         * When it ends, in the same form; a date without a time means its last minute.
         */
        to: string;
        /**
         * The IANA time zone of these times; summer time is followed.
         */
        timeZone?: string;
        /**
         * Why, as verdicts show it.
         */
        reason?: string;
      }[];
      /**
       * Something else that must hold.
       */
      condition?: {
        /**
         * A CEL expression that must hold for each change that the rule applies to.
         */
        expression: string;
        /**
         * What to tell people where it does not hold.
         */
        message: string;
      };
      /**
       * A label by which named people let a proposal pass although this rule is not met. Its use is recorded and reported.
       */
      breakGlass?: {
        /**
         * The name of the label, put on for the very commit that is to merge.
         */
        label: string;
        /**
         * Who may put it on. The author may, if named.
         */
        by: {
          /**
           * Names of teams: everybody in them.
           *
           * @minItems 1
           * @maxItems 32
           */
          teams?: string[];
          /**
           * Names of people, as teams write them.
           *
           * @minItems 1
           * @maxItems 64
           */
          people?: string[];
        };
      };
    }[];
  };
}

export type PolicySpec = Policy['spec'];

export const policySchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Policy",
  "description": "Rules that say what a proposal must meet before it may merge.",
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
      "description": "Always Policy.",
      "const": "Policy",
      "examples": [
        "Policy"
      ]
    },
    "metadata": {
      "description": "What the policy is called and what is known about it.",
      "type": "object",
      "required": [
        "name"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "name": "production"
        }
      ],
      "properties": {
        "name": {
          "description": "The policy's name, as verdicts show it.",
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
      "description": "The rules. Each that applies must be met; a rule never takes anything back that another asks for.",
      "type": "object",
      "required": [
        "rules"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "rules": [
            {
              "name": "two-approvals",
              "when": "change.environment == \"production\"",
              "approvals": {
                "count": 2,
                "from": {
                  "teams": [
                    "risk"
                  ]
                }
              }
            }
          ]
        }
      ],
      "properties": {
        "description": {
          "description": "What the policy is for, in a sentence or two.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2048,
          "examples": [
            "What reaches travellers has been seen by two people and has run in staging for a day."
          ]
        },
        "rules": {
          "description": "What is asked for, and of which changes.",
          "type": "array",
          "minItems": 1,
          "maxItems": 64,
          "examples": [
            [
              {
                "name": "one-approval",
                "approvals": {
                  "count": 1
                }
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
                "description": "The rule's name, one in its policy; verdicts and pull requests show it.",
                "type": "string",
                "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                "examples": [
                  "two-approvals"
                ]
              },
              "when": {
                "description": "A CEL expression: the rule applies to a proposal if it holds for one of its changes. By default it applies to every proposal. docs/policies.md lists what it may speak of.",
                "type": "string",
                "minLength": 1,
                "maxLength": 2048,
                "default": "true",
                "examples": [
                  "change.environment == \"production\" && change.type == \"promote\""
                ]
              },
              "checks": {
                "description": "Checks that must pass. That of the manifests must always.",
                "type": "object",
                "required": [
                  "pass"
                ],
                "additionalProperties": false,
                "examples": [
                  {
                    "pass": [
                      "model-card",
                      "latency"
                    ],
                    "neutral": "refuse"
                  }
                ],
                "properties": {
                  "pass": {
                    "description": "Names of checks; `*` means each that ran.",
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 64,
                    "uniqueItems": true,
                    "items": {
                      "type": "string",
                      "maxLength": 128,
                      "pattern": "^(\\*|[A-Za-z0-9][A-Za-z0-9._/-]*)$"
                    },
                    "examples": [
                      [
                        "model-card",
                        "latency"
                      ]
                    ]
                  },
                  "neutral": {
                    "description": "Whether a check that has nothing to say about this change is as good as one that passed.",
                    "type": "string",
                    "enum": [
                      "allow",
                      "refuse"
                    ],
                    "default": "allow",
                    "examples": [
                      "refuse"
                    ]
                  }
                }
              },
              "approvals": {
                "description": "How many people must have approved this very commit. The author is none of them, whatever name they use.",
                "type": "object",
                "additionalProperties": false,
                "examples": [
                  {
                    "count": 2,
                    "from": {
                      "teams": [
                        "risk"
                      ]
                    }
                  }
                ],
                "properties": {
                  "count": {
                    "description": "How many different people.",
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 16,
                    "default": 1,
                    "examples": [
                      2
                    ]
                  },
                  "from": {
                    "description": "Whose approval counts; by default that of everybody whom a team names.",
                    "type": "object",
                    "additionalProperties": false,
                    "minProperties": 1,
                    "examples": [
                      {
                        "teams": [
                          "risk"
                        ]
                      }
                    ],
                    "properties": {
                      "teams": {
                        "description": "Names of teams: everybody in them.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 32,
                        "uniqueItems": true,
                        "items": {
                          "type": "string",
                          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
                        },
                        "examples": [
                          [
                            "risk"
                          ]
                        ]
                      },
                      "people": {
                        "description": "Names of people, as teams write them.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 64,
                        "uniqueItems": true,
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 128
                        },
                        "examples": [
                          [
                            "Ada Lovelace"
                          ]
                        ]
                      }
                    }
                  }
                }
              },
              "soak": {
                "description": "How long a version must have served elsewhere before it comes here.",
                "type": "object",
                "required": [
                  "for"
                ],
                "additionalProperties": false,
                "examples": [
                  {
                    "in": "staging",
                    "for": "24h"
                  }
                ],
                "properties": {
                  "in": {
                    "description": "The environment in which it must have served; by default the one that `promotesFrom` names.",
                    "type": "string",
                    "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                    "examples": [
                      "staging"
                    ]
                  },
                  "for": {
                    "description": "How long, without a break.",
                    "type": "string",
                    "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                    "examples": [
                      "24h"
                    ]
                  }
                }
              },
              "promotionPath": {
                "description": "Whether a version must have served in the environment that this one promotes from.",
                "type": "boolean",
                "default": false,
                "examples": [
                  true
                ]
              },
              "freeze": {
                "description": "Times in which nothing that the rule applies to may merge.",
                "type": "array",
                "minItems": 1,
                "maxItems": 32,
                "examples": [
                  [
                    {
                      "from": "fri 16:00",
                      "to": "mon 08:00",
                      "timeZone": "Europe/Berlin"
                    }
                  ]
                ],
                "items": {
                  "type": "object",
                  "required": [
                    "from",
                    "to"
                  ],
                  "additionalProperties": false,
                  "properties": {
                    "from": {
                      "description": "When it begins: a time each day (`22:00`), a day and time each week (`fri 16:00`), or a date, with a time or from its first minute (`2026-12-20`).",
                      "type": "string",
                      "pattern": "^((mon|tue|wed|thu|fri|sat|sun) )?\\d\\d:\\d\\d$|^\\d{4}-\\d\\d-\\d\\d( \\d\\d:\\d\\d)?$",
                      "examples": [
                        "fri 16:00",
                        "22:00",
                        "2026-12-20"
                      ]
                    },
                    "to": {
                      "description": "When it ends, in the same form; a date without a time means its last minute.",
                      "type": "string",
                      "pattern": "^((mon|tue|wed|thu|fri|sat|sun) )?\\d\\d:\\d\\d$|^\\d{4}-\\d\\d-\\d\\d( \\d\\d:\\d\\d)?$",
                      "examples": [
                        "mon 08:00",
                        "06:00",
                        "2027-01-03"
                      ]
                    },
                    "timeZone": {
                      "description": "The IANA time zone of these times; summer time is followed.",
                      "type": "string",
                      "maxLength": 64,
                      "pattern": "^[A-Za-z][A-Za-z0-9_+/-]*$",
                      "default": "UTC",
                      "examples": [
                        "Europe/Berlin"
                      ]
                    },
                    "reason": {
                      "description": "Why, as verdicts show it.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 256,
                      "examples": [
                        "nobody is on call at the weekend"
                      ]
                    }
                  }
                }
              },
              "condition": {
                "description": "Something else that must hold.",
                "type": "object",
                "required": [
                  "expression",
                  "message"
                ],
                "additionalProperties": false,
                "examples": [
                  {
                    "expression": "change.labels[?\"risk\"].orValue(\"low\") != \"high\"",
                    "message": "High-risk models are promoted by hand."
                  }
                ],
                "properties": {
                  "expression": {
                    "description": "A CEL expression that must hold for each change that the rule applies to.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 2048,
                    "examples": [
                      "checks[\"size\"].facts.ratio < 1.5"
                    ]
                  },
                  "message": {
                    "description": "What to tell people where it does not hold.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 512,
                    "examples": [
                      "The model may not grow by half."
                    ]
                  }
                }
              },
              "breakGlass": {
                "description": "A label by which named people let a proposal pass although this rule is not met. Its use is recorded and reported.",
                "type": "object",
                "required": [
                  "label",
                  "by"
                ],
                "additionalProperties": false,
                "examples": [
                  {
                    "label": "break-glass",
                    "by": {
                      "teams": [
                        "on-call"
                      ]
                    }
                  }
                ],
                "properties": {
                  "label": {
                    "description": "The name of the label, put on for the very commit that is to merge.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 64,
                    "pattern": "^[^\\s,][^,\\r\\n]*$",
                    "examples": [
                      "break-glass"
                    ]
                  },
                  "by": {
                    "description": "Who may put it on. The author may, if named.",
                    "type": "object",
                    "additionalProperties": false,
                    "minProperties": 1,
                    "examples": [
                      {
                        "teams": [
                          "risk"
                        ]
                      }
                    ],
                    "properties": {
                      "teams": {
                        "description": "Names of teams: everybody in them.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 32,
                        "uniqueItems": true,
                        "items": {
                          "type": "string",
                          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
                        },
                        "examples": [
                          [
                            "risk"
                          ]
                        ]
                      },
                      "people": {
                        "description": "Names of people, as teams write them.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 64,
                        "uniqueItems": true,
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 128
                        },
                        "examples": [
                          [
                            "Ada Lovelace"
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
      }
    }
  }
} as const;
