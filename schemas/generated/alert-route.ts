// Written by `npm run generate` from schemas/alert-route.schema.json: edit that file instead.

/**
 * Who is told about which alerts, together with what, how often, and when not.
 */
export interface AlertRoute {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always AlertRoute.
   */
  kind: 'AlertRoute';
  /**
   * What the route is called and what is known about it.
   */
  metadata: {
    /**
     * The route's name.
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
   * The receivers, and which alerts reach them.
   */
  spec: {
    /**
     * What the route is for, in a sentence or two.
     */
    description?: string;
    /**
     * Whom it tells: a receiver, or a rotation of `onCall`.
     */
    receiver: string;
    /**
     * Which alerts it takes, all of them must hold: `severity="critical"`, `team!="safety"`, `name=~"bird-.*"`, `environment!~"dev|staging"`. By default all.
     *
     * @minItems 1
     * @maxItems 16
     */
    matchers?: string[];
    /**
     * Labels by which alerts are told together. `...` tells each by itself.
     *
     * @minItems 0
     * @maxItems 16
     */
    groupBy?: string[];
    /**
     * How long a new group waits for more of its kind before it is told.
     */
    groupWait?: string;
    /**
     * How long to wait before what is new in a group is told.
     */
    groupInterval?: string;
    /**
     * How long to wait before the same is told again, while nobody has acknowledged it.
     */
    repeatInterval?: string;
    /**
     * Whether it is told that something is over.
     */
    sendResolved?: boolean;
    /**
     * Names of intervals in which nothing is told.
     *
     * @minItems 1
     * @maxItems 16
     */
    muteTimeIntervals?: string[];
    /**
     * Names of intervals outside of which nothing is told.
     *
     * @minItems 1
     * @maxItems 16
     */
    activeTimeIntervals?: string[];
    /**
     * Who is told too when nobody has acknowledged it after a while.
     *
     * @minItems 1
     * @maxItems 8
     */
    escalate?: {
      /**
       * How long after it began to fire.
       */
      after: string;
      /**
       * Whom to tell.
       */
      receiver: string;
    }[];
    /**
     * Exceptions, first to last: the first that takes an alert has it.
     *
     * @minItems 1
     * @maxItems 64
     */
    routes?: {
      /**
       * Whom it tells; by default the receiver of the whole.
       */
      receiver?: string;
      /**
       * Which alerts it takes, all of them must hold: `severity="critical"`, `team!="safety"`, `name=~"bird-.*"`, `environment!~"dev|staging"`. By default all.
       *
       * @minItems 1
       * @maxItems 16
       */
      matchers?: string[];
      /**
       * Labels by which alerts are told together. `...` tells each by itself. By default as the whole.
       *
       * @minItems 0
       * @maxItems 16
       */
      groupBy?: string[];
      /**
       * How long a new group waits for more of its kind before it is told. By default as the whole.
       */
      groupWait?: string;
      /**
       * How long to wait before what is new in a group is told. By default as the whole.
       */
      groupInterval?: string;
      /**
       * How long to wait before the same is told again, while nobody has acknowledged it. By default as the whole.
       */
      repeatInterval?: string;
      /**
       * Whether it is told that something is over. By default as the whole.
       */
      sendResolved?: boolean;
      /**
       * Names of intervals in which nothing is told.
       *
       * @minItems 1
       * @maxItems 16
       */
      muteTimeIntervals?: string[];
      /**
       * Names of intervals outside of which nothing is told.
       *
       * @minItems 1
       * @maxItems 16
       */
      activeTimeIntervals?: string[];
      /**
       * Who is told too when nobody has acknowledged it after a while.
       *
       * @minItems 1
       * @maxItems 8
       */
      escalate?: {
        /**
         * How long after it began to fire.
         */
        after: string;
        /**
         * Whom to tell.
         */
        receiver: string;
      }[];
      /**
       * Whether routes after it are looked at too.
       */
      continue?: boolean;
    }[];
    /**
     * Whom or what it tells. One that is given nothing beside its name tells nobody.
     *
     * @minItems 1
     * @maxItems 32
     */
    receivers: {
      /**
       * The receiver's name, one in its AlertRoute.
       */
      name: string;
      /**
       * Posts JSON, signed.
       */
      webhook?: {
        /**
         * Where to.
         */
        url: string;
        /**
         * The key that it is signed with (HMAC-SHA256).
         */
        secretRef?: {
          /**
           * The Secret that holds it.
           */
          name: string;
          /**
           * The key in that Secret.
           */
          key: string;
        };
      };
      /**
       * Writes to a channel of Slack by an incoming webhook.
       */
      slack?: {
        /**
         * The URL of the incoming webhook.
         */
        secretRef: {
          /**
           * The Secret that holds it.
           */
          name: string;
          /**
           * The key in that Secret.
           */
          key: string;
        };
      };
      /**
       * Sends mail by SMTP.
       */
      email?: {
        /**
         * To whom.
         *
         * @minItems 1
         * @maxItems 64
         */
        to: string[];
        /**
         * From whom.
         */
        from: string;
        /**
         * The mail server.
         */
        host: string;
        /**
         * Its port. On 465 TLS comes first, on others by STARTTLS.
         */
        port?: number;
        /**
         * Who logs in; the password is the secret.
         */
        username?: string;
        /**
         * Whether it sends nothing without TLS.
         */
        requireTls?: boolean;
        /**
         * The password.
         */
        secretRef?: {
          /**
           * The Secret that holds it.
           */
          name: string;
          /**
           * The key in that Secret.
           */
          key: string;
        };
      };
      /**
       * Triggers, acknowledges and resolves incidents of PagerDuty (Events API v2).
       */
      pagerduty?: {
        /**
         * The integration key of the service.
         */
        secretRef: {
          /**
           * The Secret that holds it.
           */
          name: string;
          /**
           * The key in that Secret.
           */
          key: string;
        };
        /**
         * Another address of the API, as in the EU.
         */
        url?: string;
      };
      /**
       * Hands alerts over to an Alertmanager, which routes them by its own configuration.
       */
      alertmanager?: {
        /**
         * Where it is.
         */
        url: string;
        /**
         * A bearer token.
         */
        secretRef?: {
          /**
           * The Secret that holds it.
           */
          name: string;
          /**
           * The key in that Secret.
           */
          key: string;
        };
      };
      /**
       * Keeps an issue for each group of alerts: opened, commented, closed.
       */
      'github-issue'?: {
        /**
         * Owner and name.
         */
        repository: string;
        /**
         * Labels of the issue, beside `switchyard-alert`.
         *
         * @minItems 1
         * @maxItems 10
         */
        labels?: string[];
        /**
         * Another address of the API, as of GitHub Enterprise.
         */
        url?: string;
        /**
         * A token that may write issues.
         */
        secretRef: {
          /**
           * The Secret that holds it.
           */
          name: string;
          /**
           * The key in that Secret.
           */
          key: string;
        };
      };
      [k: string]:
        | {}
        | string
        | {
            /**
             * Where to.
             */
            url: string;
            /**
             * The key that it is signed with (HMAC-SHA256).
             */
            secretRef?: {
              /**
               * The Secret that holds it.
               */
              name: string;
              /**
               * The key in that Secret.
               */
              key: string;
            };
          }
        | {
            /**
             * The URL of the incoming webhook.
             */
            secretRef: {
              /**
               * The Secret that holds it.
               */
              name: string;
              /**
               * The key in that Secret.
               */
              key: string;
            };
          }
        | {
            /**
             * To whom.
             *
             * @minItems 1
             * @maxItems 64
             */
            to: string[];
            /**
             * From whom.
             */
            from: string;
            /**
             * The mail server.
             */
            host: string;
            /**
             * Its port. On 465 TLS comes first, on others by STARTTLS.
             */
            port?: number;
            /**
             * Who logs in; the password is the secret.
             */
            username?: string;
            /**
             * Whether it sends nothing without TLS.
             */
            requireTls?: boolean;
            /**
             * The password.
             */
            secretRef?: {
              /**
               * The Secret that holds it.
               */
              name: string;
              /**
               * The key in that Secret.
               */
              key: string;
            };
          }
        | {
            /**
             * The integration key of the service.
             */
            secretRef: {
              /**
               * The Secret that holds it.
               */
              name: string;
              /**
               * The key in that Secret.
               */
              key: string;
            };
            /**
             * Another address of the API, as in the EU.
             */
            url?: string;
          }
        | {
            /**
             * Where it is.
             */
            url: string;
            /**
             * A bearer token.
             */
            secretRef?: {
              /**
               * The Secret that holds it.
               */
              name: string;
              /**
               * The key in that Secret.
               */
              key: string;
            };
          }
        | {
            /**
             * Owner and name.
             */
            repository: string;
            /**
             * Labels of the issue, beside `switchyard-alert`.
             *
             * @minItems 1
             * @maxItems 10
             */
            labels?: string[];
            /**
             * Another address of the API, as of GitHub Enterprise.
             */
            url?: string;
            /**
             * A token that may write issues.
             */
            secretRef: {
              /**
               * The Secret that holds it.
               */
              name: string;
              /**
               * The key in that Secret.
               */
              key: string;
            };
          }
        | undefined;
    }[];
    /**
     * Rotations: receivers that take turns. Their names stand wherever those of receivers do.
     *
     * @minItems 1
     * @maxItems 16
     */
    onCall?: {
      /**
       * The rotation's name, one with those of the receivers.
       */
      name: string;
      /**
       * When the first turn begins, on those clocks.
       */
      start: string;
      /**
       * Of whose clocks: an IANA name.
       */
      timeZone?: string;
      /**
       * How long a turn is. Whole days follow the clocks, also when they are put forward or back.
       */
      shift: string;
      /**
       * Receivers, in order.
       *
       * @minItems 1
       * @maxItems 64
       */
      turns: string[];
      /**
       * Who stands in, and when.
       *
       * @minItems 1
       * @maxItems 64
       */
      overrides?: {
        /**
         * When it begins.
         */
        from: string;
        /**
         * When it ends; a day without a time is its beginning.
         */
        to: string;
        /**
         * Who stands in.
         */
        receiver: string;
      }[];
    }[];
    /**
     * Times by name, for `muteTimeIntervals` and `activeTimeIntervals`.
     *
     * @minItems 1
     * @maxItems 32
     */
    timeIntervals?: {
      /**
       * The interval's name.
       */
      name: string;
      /**
       * When it is; any of them.
       *
       * @minItems 1
       * @maxItems 32
       */
      windows: {
        /**
         * When it begins: a time of each day, a day and time of each week, or a date with or without a time.
         */
        from: string;
        /**
         * When it ends, in the same form; a date without a time ends with that day.
         */
        to: string;
        /**
         * Of whose clocks: an IANA name.
         */
        timeZone?: string;
      }[];
    }[];
    /**
     * What is not told here while something else fires.
     *
     * @minItems 1
     * @maxItems 32
     */
    inhibitRules?: {
      /**
       * Alerts of this sort, while they fire, keep others from being told.
       *
       * @minItems 1
       * @maxItems 16
       */
      sourceMatchers: string[];
      /**
       * Those that are kept from being told.
       *
       * @minItems 1
       * @maxItems 16
       */
      targetMatchers: string[];
      /**
       * Labels that must be the same in both. An alert that is of both sorts inhibits nothing.
       *
       * @minItems 1
       * @maxItems 16
       */
      equal?: string[];
    }[];
  };
}

export type AlertRouteSpec = AlertRoute['spec'];

export const alertRouteSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "AlertRoute",
  "description": "Who is told about which alerts, together with what, how often, and when not.",
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
      "description": "Always AlertRoute.",
      "const": "AlertRoute",
      "examples": [
        "AlertRoute"
      ]
    },
    "metadata": {
      "description": "What the route is called and what is known about it.",
      "type": "object",
      "required": [
        "name"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "name": "operations"
        }
      ],
      "properties": {
        "name": {
          "description": "The route's name.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "operations"
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
      "description": "The receivers, and which alerts reach them.",
      "type": "object",
      "required": [
        "receiver",
        "receivers"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "receiver": "operations",
          "groupBy": [
            "alertname"
          ],
          "receivers": [
            {
              "name": "operations",
              "webhook": {
                "url": "https://hooks.example.com/alerts"
              }
            }
          ]
        }
      ],
      "properties": {
        "description": {
          "description": "What the route is for, in a sentence or two.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2048,
          "examples": [
            "Wakes whoever is on call for what cannot wait."
          ]
        },
        "receiver": {
          "description": "Whom it tells: a receiver, or a rotation of `onCall`.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "operations"
          ]
        },
        "matchers": {
          "description": "Which alerts it takes, all of them must hold: `severity=\"critical\"`, `team!=\"safety\"`, `name=~\"bird-.*\"`, `environment!~\"dev|staging\"`. By default all.",
          "type": "array",
          "minItems": 1,
          "maxItems": 16,
          "examples": [
            [
              "severity=\"critical\""
            ]
          ],
          "items": {
            "type": "string",
            "minLength": 3,
            "maxLength": 512
          }
        },
        "groupBy": {
          "description": "Labels by which alerts are told together. `...` tells each by itself.",
          "type": "array",
          "minItems": 0,
          "maxItems": 16,
          "examples": [
            [
              "alertname",
              "environment"
            ]
          ],
          "items": {
            "type": "string",
            "pattern": "^(\\.\\.\\.|[A-Za-z_][A-Za-z0-9_]{0,62})$"
          },
          "uniqueItems": true
        },
        "groupWait": {
          "description": "How long a new group waits for more of its kind before it is told.",
          "type": "string",
          "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
          "examples": [
            "30s"
          ],
          "default": "30s"
        },
        "groupInterval": {
          "description": "How long to wait before what is new in a group is told.",
          "type": "string",
          "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
          "examples": [
            "5m"
          ],
          "default": "5m"
        },
        "repeatInterval": {
          "description": "How long to wait before the same is told again, while nobody has acknowledged it.",
          "type": "string",
          "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
          "examples": [
            "4h"
          ],
          "default": "4h"
        },
        "sendResolved": {
          "description": "Whether it is told that something is over.",
          "type": "boolean",
          "default": true,
          "examples": [
            false
          ]
        },
        "muteTimeIntervals": {
          "description": "Names of intervals in which nothing is told.",
          "type": "array",
          "minItems": 1,
          "maxItems": 16,
          "examples": [
            [
              "weekends"
            ]
          ],
          "items": {
            "type": "string",
            "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
          },
          "uniqueItems": true
        },
        "activeTimeIntervals": {
          "description": "Names of intervals outside of which nothing is told.",
          "type": "array",
          "minItems": 1,
          "maxItems": 16,
          "examples": [
            [
              "office-hours"
            ]
          ],
          "items": {
            "type": "string",
            "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
          },
          "uniqueItems": true
        },
        "escalate": {
          "description": "Who is told too when nobody has acknowledged it after a while.",
          "type": "array",
          "minItems": 1,
          "maxItems": 8,
          "examples": [
            [
              {
                "after": "15m",
                "receiver": "manager"
              }
            ]
          ],
          "items": {
            "type": "object",
            "required": [
              "after",
              "receiver"
            ],
            "additionalProperties": false,
            "properties": {
              "after": {
                "description": "How long after it began to fire.",
                "type": "string",
                "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                "examples": [
                  "15m"
                ]
              },
              "receiver": {
                "description": "Whom to tell.",
                "type": "string",
                "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                "examples": [
                  "manager"
                ]
              }
            }
          }
        },
        "routes": {
          "description": "Exceptions, first to last: the first that takes an alert has it.",
          "type": "array",
          "minItems": 1,
          "maxItems": 64,
          "examples": [
            [
              {
                "matchers": [
                  "severity=\"critical\""
                ],
                "receiver": "pager"
              }
            ]
          ],
          "items": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
              "receiver": {
                "description": "Whom it tells; by default the receiver of the whole.",
                "type": "string",
                "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                "examples": [
                  "pager"
                ]
              },
              "matchers": {
                "description": "Which alerts it takes, all of them must hold: `severity=\"critical\"`, `team!=\"safety\"`, `name=~\"bird-.*\"`, `environment!~\"dev|staging\"`. By default all.",
                "type": "array",
                "minItems": 1,
                "maxItems": 16,
                "examples": [
                  [
                    "severity=\"critical\""
                  ]
                ],
                "items": {
                  "type": "string",
                  "minLength": 3,
                  "maxLength": 512
                }
              },
              "groupBy": {
                "description": "Labels by which alerts are told together. `...` tells each by itself. By default as the whole.",
                "type": "array",
                "minItems": 0,
                "maxItems": 16,
                "examples": [
                  [
                    "alertname",
                    "environment"
                  ]
                ],
                "items": {
                  "type": "string",
                  "pattern": "^(\\.\\.\\.|[A-Za-z_][A-Za-z0-9_]{0,62})$"
                },
                "uniqueItems": true
              },
              "groupWait": {
                "description": "How long a new group waits for more of its kind before it is told. By default as the whole.",
                "type": "string",
                "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                "examples": [
                  "30s"
                ]
              },
              "groupInterval": {
                "description": "How long to wait before what is new in a group is told. By default as the whole.",
                "type": "string",
                "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                "examples": [
                  "5m"
                ]
              },
              "repeatInterval": {
                "description": "How long to wait before the same is told again, while nobody has acknowledged it. By default as the whole.",
                "type": "string",
                "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                "examples": [
                  "4h"
                ]
              },
              "sendResolved": {
                "description": "Whether it is told that something is over. By default as the whole.",
                "type": "boolean",
                "examples": [
                  false
                ]
              },
              "muteTimeIntervals": {
                "description": "Names of intervals in which nothing is told.",
                "type": "array",
                "minItems": 1,
                "maxItems": 16,
                "examples": [
                  [
                    "weekends"
                  ]
                ],
                "items": {
                  "type": "string",
                  "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
                },
                "uniqueItems": true
              },
              "activeTimeIntervals": {
                "description": "Names of intervals outside of which nothing is told.",
                "type": "array",
                "minItems": 1,
                "maxItems": 16,
                "examples": [
                  [
                    "office-hours"
                  ]
                ],
                "items": {
                  "type": "string",
                  "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
                },
                "uniqueItems": true
              },
              "escalate": {
                "description": "Who is told too when nobody has acknowledged it after a while.",
                "type": "array",
                "minItems": 1,
                "maxItems": 8,
                "examples": [
                  [
                    {
                      "after": "15m",
                      "receiver": "manager"
                    }
                  ]
                ],
                "items": {
                  "type": "object",
                  "required": [
                    "after",
                    "receiver"
                  ],
                  "additionalProperties": false,
                  "properties": {
                    "after": {
                      "description": "How long after it began to fire.",
                      "type": "string",
                      "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                      "examples": [
                        "15m"
                      ]
                    },
                    "receiver": {
                      "description": "Whom to tell.",
                      "type": "string",
                      "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                      "examples": [
                        "manager"
                      ]
                    }
                  }
                }
              },
              "continue": {
                "description": "Whether routes after it are looked at too.",
                "type": "boolean",
                "default": false,
                "examples": [
                  true
                ]
              }
            }
          }
        },
        "receivers": {
          "description": "Whom or what it tells. One that is given nothing beside its name tells nobody.",
          "type": "array",
          "minItems": 1,
          "maxItems": 32,
          "examples": [
            [
              {
                "name": "operations",
                "webhook": {
                  "url": "https://hooks.example.com/alerts"
                }
              }
            ]
          ],
          "items": {
            "type": "object",
            "required": [
              "name"
            ],
            "minProperties": 1,
            "maxProperties": 2,
            "properties": {
              "name": {
                "description": "The receiver's name, one in its AlertRoute.",
                "type": "string",
                "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                "examples": [
                  "operations"
                ]
              },
              "webhook": {
                "description": "Posts JSON, signed.",
                "type": "object",
                "required": [
                  "url"
                ],
                "additionalProperties": false,
                "examples": [
                  {
                    "url": "https://hooks.example.com/alerts",
                    "secretRef": {
                      "name": "alerting",
                      "key": "webhook"
                    }
                  }
                ],
                "properties": {
                  "url": {
                    "description": "Where to.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 2048,
                    "examples": [
                      "https://hooks.example.com/alerts"
                    ],
                    "pattern": "^https?://[^\\s@]+$"
                  },
                  "secretRef": {
                    "description": "The key that it is signed with (HMAC-SHA256).",
                    "type": "object",
                    "required": [
                      "name",
                      "key"
                    ],
                    "additionalProperties": false,
                    "properties": {
                      "name": {
                        "description": "The Secret that holds it.",
                        "type": "string",
                        "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                        "examples": [
                          "slack"
                        ]
                      },
                      "key": {
                        "description": "The key in that Secret.",
                        "type": "string",
                        "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$",
                        "examples": [
                          "webhook-url"
                        ]
                      }
                    },
                    "examples": [
                      {
                        "name": "slack",
                        "key": "webhook-url"
                      }
                    ]
                  }
                }
              },
              "slack": {
                "description": "Writes to a channel of Slack by an incoming webhook.",
                "type": "object",
                "required": [
                  "secretRef"
                ],
                "additionalProperties": false,
                "examples": [
                  {
                    "secretRef": {
                      "name": "alerting",
                      "key": "slack"
                    }
                  }
                ],
                "properties": {
                  "secretRef": {
                    "description": "The URL of the incoming webhook.",
                    "type": "object",
                    "required": [
                      "name",
                      "key"
                    ],
                    "additionalProperties": false,
                    "properties": {
                      "name": {
                        "description": "The Secret that holds it.",
                        "type": "string",
                        "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                        "examples": [
                          "slack"
                        ]
                      },
                      "key": {
                        "description": "The key in that Secret.",
                        "type": "string",
                        "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$",
                        "examples": [
                          "webhook-url"
                        ]
                      }
                    },
                    "examples": [
                      {
                        "name": "slack",
                        "key": "webhook-url"
                      }
                    ]
                  }
                }
              },
              "email": {
                "description": "Sends mail by SMTP.",
                "type": "object",
                "required": [
                  "to",
                  "from",
                  "host"
                ],
                "additionalProperties": false,
                "examples": [
                  {
                    "to": [
                      "on-call@example.com"
                    ],
                    "from": "switchyard@example.com",
                    "host": "smtp.example.com"
                  }
                ],
                "properties": {
                  "to": {
                    "description": "To whom.",
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 64,
                    "examples": [
                      [
                        "on-call@example.com"
                      ]
                    ],
                    "items": {
                      "type": "string",
                      "maxLength": 254,
                      "pattern": "^[^\\s@<>,;]+@[^\\s@<>,;]+$"
                    },
                    "uniqueItems": true
                  },
                  "from": {
                    "description": "From whom.",
                    "type": "string",
                    "maxLength": 254,
                    "pattern": "^[^\\s@<>,;]+@[^\\s@<>,;]+$",
                    "examples": [
                      "switchyard@example.com"
                    ]
                  },
                  "host": {
                    "description": "The mail server.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 253,
                    "examples": [
                      "smtp.example.com"
                    ],
                    "pattern": "^[A-Za-z0-9.:-]+$"
                  },
                  "port": {
                    "description": "Its port. On 465 TLS comes first, on others by STARTTLS.",
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 65535,
                    "default": 587,
                    "examples": [
                      587
                    ]
                  },
                  "username": {
                    "description": "Who logs in; the password is the secret.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 254,
                    "examples": [
                      "switchyard"
                    ]
                  },
                  "requireTls": {
                    "description": "Whether it sends nothing without TLS.",
                    "type": "boolean",
                    "default": true,
                    "examples": [
                      true
                    ]
                  },
                  "secretRef": {
                    "description": "The password.",
                    "type": "object",
                    "required": [
                      "name",
                      "key"
                    ],
                    "additionalProperties": false,
                    "properties": {
                      "name": {
                        "description": "The Secret that holds it.",
                        "type": "string",
                        "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                        "examples": [
                          "slack"
                        ]
                      },
                      "key": {
                        "description": "The key in that Secret.",
                        "type": "string",
                        "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$",
                        "examples": [
                          "webhook-url"
                        ]
                      }
                    },
                    "examples": [
                      {
                        "name": "slack",
                        "key": "webhook-url"
                      }
                    ]
                  }
                }
              },
              "pagerduty": {
                "description": "Triggers, acknowledges and resolves incidents of PagerDuty (Events API v2).",
                "type": "object",
                "required": [
                  "secretRef"
                ],
                "additionalProperties": false,
                "examples": [
                  {
                    "secretRef": {
                      "name": "alerting",
                      "key": "pagerduty"
                    }
                  }
                ],
                "properties": {
                  "secretRef": {
                    "description": "The integration key of the service.",
                    "type": "object",
                    "required": [
                      "name",
                      "key"
                    ],
                    "additionalProperties": false,
                    "properties": {
                      "name": {
                        "description": "The Secret that holds it.",
                        "type": "string",
                        "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                        "examples": [
                          "slack"
                        ]
                      },
                      "key": {
                        "description": "The key in that Secret.",
                        "type": "string",
                        "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$",
                        "examples": [
                          "webhook-url"
                        ]
                      }
                    },
                    "examples": [
                      {
                        "name": "slack",
                        "key": "webhook-url"
                      }
                    ]
                  },
                  "url": {
                    "description": "Another address of the API, as in the EU.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 2048,
                    "examples": [
                      "https://events.eu.pagerduty.com"
                    ],
                    "pattern": "^https?://[^\\s@]+$"
                  }
                }
              },
              "alertmanager": {
                "description": "Hands alerts over to an Alertmanager, which routes them by its own configuration.",
                "type": "object",
                "required": [
                  "url"
                ],
                "additionalProperties": false,
                "examples": [
                  {
                    "url": "http://alertmanager.monitoring:9093"
                  }
                ],
                "properties": {
                  "url": {
                    "description": "Where it is.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 2048,
                    "examples": [
                      "http://alertmanager.monitoring:9093"
                    ],
                    "pattern": "^https?://[^\\s@]+$"
                  },
                  "secretRef": {
                    "description": "A bearer token.",
                    "type": "object",
                    "required": [
                      "name",
                      "key"
                    ],
                    "additionalProperties": false,
                    "properties": {
                      "name": {
                        "description": "The Secret that holds it.",
                        "type": "string",
                        "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                        "examples": [
                          "slack"
                        ]
                      },
                      "key": {
                        "description": "The key in that Secret.",
                        "type": "string",
                        "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$",
                        "examples": [
                          "webhook-url"
                        ]
                      }
                    },
                    "examples": [
                      {
                        "name": "slack",
                        "key": "webhook-url"
                      }
                    ]
                  }
                }
              },
              "github-issue": {
                "description": "Keeps an issue for each group of alerts: opened, commented, closed.",
                "type": "object",
                "required": [
                  "repository",
                  "secretRef"
                ],
                "additionalProperties": false,
                "examples": [
                  {
                    "repository": "acme/registry",
                    "secretRef": {
                      "name": "alerting",
                      "key": "github"
                    }
                  }
                ],
                "properties": {
                  "repository": {
                    "description": "Owner and name.",
                    "type": "string",
                    "pattern": "^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$",
                    "examples": [
                      "acme/registry"
                    ]
                  },
                  "labels": {
                    "description": "Labels of the issue, beside `switchyard-alert`.",
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 10,
                    "examples": [
                      [
                        "operations"
                      ]
                    ],
                    "items": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 50
                    },
                    "uniqueItems": true
                  },
                  "url": {
                    "description": "Another address of the API, as of GitHub Enterprise.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 2048,
                    "examples": [
                      "https://github.example.com/api/v3"
                    ],
                    "pattern": "^https?://[^\\s@]+$"
                  },
                  "secretRef": {
                    "description": "A token that may write issues.",
                    "type": "object",
                    "required": [
                      "name",
                      "key"
                    ],
                    "additionalProperties": false,
                    "properties": {
                      "name": {
                        "description": "The Secret that holds it.",
                        "type": "string",
                        "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                        "examples": [
                          "slack"
                        ]
                      },
                      "key": {
                        "description": "The key in that Secret.",
                        "type": "string",
                        "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$",
                        "examples": [
                          "webhook-url"
                        ]
                      }
                    },
                    "examples": [
                      {
                        "name": "slack",
                        "key": "webhook-url"
                      }
                    ]
                  }
                }
              }
            },
            "additionalProperties": {
              "type": "object"
            }
          }
        },
        "onCall": {
          "description": "Rotations: receivers that take turns. Their names stand wherever those of receivers do.",
          "type": "array",
          "minItems": 1,
          "maxItems": 16,
          "examples": [
            [
              {
                "name": "primary",
                "start": "2026-01-05 09:00",
                "timeZone": "Europe/Berlin",
                "shift": "7d",
                "turns": [
                  "ada",
                  "grace"
                ]
              }
            ]
          ],
          "items": {
            "type": "object",
            "required": [
              "name",
              "start",
              "shift",
              "turns"
            ],
            "additionalProperties": false,
            "properties": {
              "name": {
                "description": "The rotation's name, one with those of the receivers.",
                "type": "string",
                "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                "examples": [
                  "primary"
                ]
              },
              "start": {
                "description": "When the first turn begins, on those clocks.",
                "type": "string",
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-2][0-9]:[0-5][0-9])?$",
                "examples": [
                  "2026-01-05 09:00"
                ]
              },
              "timeZone": {
                "description": "Of whose clocks: an IANA name.",
                "type": "string",
                "maxLength": 64,
                "default": "UTC",
                "examples": [
                  "Europe/Berlin"
                ]
              },
              "shift": {
                "description": "How long a turn is. Whole days follow the clocks, also when they are put forward or back.",
                "type": "string",
                "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                "examples": [
                  "7d"
                ]
              },
              "turns": {
                "description": "Receivers, in order.",
                "type": "array",
                "minItems": 1,
                "maxItems": 64,
                "examples": [
                  [
                    "ada",
                    "grace"
                  ]
                ],
                "items": {
                  "type": "string",
                  "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
                }
              },
              "overrides": {
                "description": "Who stands in, and when.",
                "type": "array",
                "minItems": 1,
                "maxItems": 64,
                "examples": [
                  [
                    {
                      "from": "2026-12-24",
                      "to": "2026-12-27",
                      "receiver": "grace"
                    }
                  ]
                ],
                "items": {
                  "type": "object",
                  "required": [
                    "from",
                    "to",
                    "receiver"
                  ],
                  "additionalProperties": false,
                  "properties": {
                    "from": {
                      "description": "When it begins.",
                      "type": "string",
                      "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-2][0-9]:[0-5][0-9])?$",
                      "examples": [
                        "2026-12-24"
                      ]
                    },
                    "to": {
                      "description": "When it ends; a day without a time is its beginning.",
                      "type": "string",
                      "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-2][0-9]:[0-5][0-9])?$",
                      "examples": [
                        "2026-12-27"
                      ]
                    },
                    "receiver": {
                      "description": "Who stands in.",
                      "type": "string",
                      "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                      "examples": [
                        "grace"
                      ]
                    }
                  }
                }
              }
            }
          }
        },
        "timeIntervals": {
          "description": "Times by name, for `muteTimeIntervals` and `activeTimeIntervals`.",
          "type": "array",
          "minItems": 1,
          "maxItems": 32,
          "examples": [
            [
              {
                "name": "weekends",
                "windows": [
                  {
                    "from": "sat 00:00",
                    "to": "mon 00:00"
                  }
                ]
              }
            ]
          ],
          "items": {
            "type": "object",
            "required": [
              "name",
              "windows"
            ],
            "additionalProperties": false,
            "properties": {
              "name": {
                "description": "The interval's name.",
                "type": "string",
                "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                "examples": [
                  "weekends"
                ]
              },
              "windows": {
                "description": "When it is; any of them.",
                "type": "array",
                "minItems": 1,
                "maxItems": 32,
                "examples": [
                  [
                    {
                      "from": "sat 00:00",
                      "to": "mon 00:00",
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
                      "description": "When it begins: a time of each day, a day and time of each week, or a date with or without a time.",
                      "type": "string",
                      "pattern": "^([0-2][0-9]:[0-5][0-9]|(sun|mon|tue|wed|thu|fri|sat) [0-2][0-9]:[0-5][0-9]|[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-2][0-9]:[0-5][0-9])?)$",
                      "examples": [
                        "sat 00:00"
                      ]
                    },
                    "to": {
                      "description": "When it ends, in the same form; a date without a time ends with that day.",
                      "type": "string",
                      "pattern": "^([0-2][0-9]:[0-5][0-9]|(sun|mon|tue|wed|thu|fri|sat) [0-2][0-9]:[0-5][0-9]|[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-2][0-9]:[0-5][0-9])?)$",
                      "examples": [
                        "mon 00:00"
                      ]
                    },
                    "timeZone": {
                      "description": "Of whose clocks: an IANA name.",
                      "type": "string",
                      "maxLength": 64,
                      "default": "UTC",
                      "examples": [
                        "Europe/Berlin"
                      ]
                    }
                  }
                }
              }
            }
          }
        },
        "inhibitRules": {
          "description": "What is not told here while something else fires.",
          "type": "array",
          "minItems": 1,
          "maxItems": 32,
          "examples": [
            [
              {
                "sourceMatchers": [
                  "alertname=\"registry-not-synced\""
                ],
                "targetMatchers": [
                  "alertname=\"registry-lags\""
                ]
              }
            ]
          ],
          "items": {
            "type": "object",
            "required": [
              "sourceMatchers",
              "targetMatchers"
            ],
            "additionalProperties": false,
            "properties": {
              "sourceMatchers": {
                "description": "Alerts of this sort, while they fire, keep others from being told.",
                "type": "array",
                "minItems": 1,
                "maxItems": 16,
                "examples": [
                  [
                    "alertname=\"registry-not-synced\""
                  ]
                ],
                "items": {
                  "type": "string",
                  "minLength": 3,
                  "maxLength": 512
                }
              },
              "targetMatchers": {
                "description": "Those that are kept from being told.",
                "type": "array",
                "minItems": 1,
                "maxItems": 16,
                "examples": [
                  [
                    "alertname=\"registry-lags\""
                  ]
                ],
                "items": {
                  "type": "string",
                  "minLength": 3,
                  "maxLength": 512
                }
              },
              "equal": {
                "description": "Labels that must be the same in both. An alert that is of both sorts inhibits nothing.",
                "type": "array",
                "minItems": 1,
                "maxItems": 16,
                "examples": [
                  [
                    "environment"
                  ]
                ],
                "items": {
                  "type": "string",
                  "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,62}$"
                },
                "uniqueItems": true
              }
            }
          }
        }
      }
    }
  }
} as const;
