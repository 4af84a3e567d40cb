// Written by `npm run generate` from schemas/environment.schema.json: edit that file instead.

/**
 * A stage that deployments live in, such as development, staging or production.
 */
export interface Environment {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always Environment.
   */
  kind: 'Environment';
  /**
   * What the environment is called and what is known about it.
   */
  metadata: {
    /**
     * The environment's name; it is part of the URLs that its deployments answer at.
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
   * Where the environment stands among the others.
   */
  spec: {
    /**
     * The name that people read.
     */
    title?: string;
    /**
     * Its place in lists, lowest first.
     */
    order?: number;
    /**
     * The environment that versions come from before they come here.
     */
    promotesFrom?: string;
    /**
     * How long a version answers alone in `promotesFrom` before the platform proposes it here. Without it, people propose.
     */
    proposeAfter?: string;
    /**
     * Whether a bare `/v2` means this environment. At most one environment says so.
     */
    default?: boolean;
    /**
     * Whose signature a version must have to be deployed here. Without it, none is asked for.
     */
    signing?: {
      /**
       * Public keys whose signatures count. Never a private one.
       *
       * @minItems 1
       * @maxItems 32
       */
      keys?: {
        /**
         * What the key is called where somebody is told who signed.
         */
        name: string;
        /**
         * The public key in PEM: ECDSA on P-256, P-384 or P-521.
         */
        publicKey: string;
      }[];
      /**
       * Certificate authorities whose certificates may sign.
       *
       * @minItems 1
       * @maxItems 32
       */
      authorities?: {
        /**
         * What the authority is called.
         */
        name: string;
        /**
         * The authority's certificate in PEM; of several, each is trusted.
         */
        certificate: string;
        /**
         * Who of those that it certifies may sign: e-mail addresses, hosts or URIs of their certificates. Without it, all.
         *
         * @minItems 1
         * @maxItems 256
         */
        signers?: string[];
      }[];
    };
    /**
     * How traffic walks in deployments of this environment that declare no strategy of their own.
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
  };
}

export type EnvironmentSpec = Environment['spec'];

export const environmentSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Environment",
  "description": "A stage that deployments live in, such as development, staging or production.",
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
      "description": "Always Environment.",
      "const": "Environment",
      "examples": [
        "Environment"
      ]
    },
    "metadata": {
      "description": "What the environment is called and what is known about it.",
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
          "description": "The environment's name; it is part of the URLs that its deployments answer at.",
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
      "description": "Where the environment stands among the others.",
      "type": "object",
      "additionalProperties": false,
      "examples": [
        {
          "title": "Production",
          "order": 3,
          "promotesFrom": "staging"
        }
      ],
      "properties": {
        "title": {
          "description": "The name that people read.",
          "type": "string",
          "minLength": 1,
          "maxLength": 128,
          "examples": [
            "Production"
          ]
        },
        "order": {
          "description": "Its place in lists, lowest first.",
          "type": "integer",
          "minimum": 0,
          "maximum": 1000,
          "examples": [
            3
          ]
        },
        "promotesFrom": {
          "description": "The environment that versions come from before they come here.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "staging"
          ]
        },
        "proposeAfter": {
          "description": "How long a version answers alone in `promotesFrom` before the platform proposes it here. Without it, people propose.",
          "type": "string",
          "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
          "examples": [
            "24h"
          ]
        },
        "default": {
          "description": "Whether a bare `/v2` means this environment. At most one environment says so.",
          "type": "boolean",
          "default": false,
          "examples": [
            true
          ]
        },
        "signing": {
          "description": "Whose signature a version must have to be deployed here. Without it, none is asked for.",
          "type": "object",
          "minProperties": 1,
          "additionalProperties": false,
          "examples": [
            {
              "authorities": [
                {
                  "name": "ml-ca",
                  "certificate": "-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n",
                  "signers": [
                    "release@example.com"
                  ]
                }
              ]
            }
          ],
          "properties": {
            "keys": {
              "description": "Public keys whose signatures count. Never a private one.",
              "type": "array",
              "minItems": 1,
              "maxItems": 32,
              "examples": [
                [
                  {
                    "name": "release",
                    "publicKey": "-----BEGIN PUBLIC KEY-----\nMFkw…\n-----END PUBLIC KEY-----\n"
                  }
                ]
              ],
              "items": {
                "type": "object",
                "required": [
                  "name",
                  "publicKey"
                ],
                "additionalProperties": false,
                "properties": {
                  "name": {
                    "description": "What the key is called where somebody is told who signed.",
                    "type": "string",
                    "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                    "examples": [
                      "release"
                    ]
                  },
                  "publicKey": {
                    "description": "The public key in PEM: ECDSA on P-256, P-384 or P-521.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 2048,
                    "examples": [
                      "-----BEGIN PUBLIC KEY-----\nMFkw…\n-----END PUBLIC KEY-----\n"
                    ]
                  }
                }
              }
            },
            "authorities": {
              "description": "Certificate authorities whose certificates may sign.",
              "type": "array",
              "minItems": 1,
              "maxItems": 32,
              "examples": [
                [
                  {
                    "name": "ml-ca",
                    "certificate": "-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n"
                  }
                ]
              ],
              "items": {
                "type": "object",
                "required": [
                  "name",
                  "certificate"
                ],
                "additionalProperties": false,
                "properties": {
                  "name": {
                    "description": "What the authority is called.",
                    "type": "string",
                    "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                    "examples": [
                      "ml-ca"
                    ]
                  },
                  "certificate": {
                    "description": "The authority's certificate in PEM; of several, each is trusted.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 65536,
                    "examples": [
                      "-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n"
                    ]
                  },
                  "signers": {
                    "description": "Who of those that it certifies may sign: e-mail addresses, hosts or URIs of their certificates. Without it, all.",
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 256,
                    "items": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 255
                    },
                    "examples": [
                      [
                        "release@example.com"
                      ]
                    ]
                  }
                }
              }
            }
          }
        },
        "strategy": {
          "description": "How traffic walks in deployments of this environment that declare no strategy of their own.",
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
        }
      }
    }
  }
} as const;
