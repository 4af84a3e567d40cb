// Written by `npm run generate` from schemas/secret.schema.json: edit that file instead.

/**
 * Where values are that must not be seen. A manifest says where, never what: plaintext is refused.
 */
export interface Secret {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always Secret.
   */
  kind: 'Secret';
  /**
   * What the secret is called and what is known about it.
   */
  metadata: {
    /**
     * The name that a secretRef gives.
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
   * Which store has the values, and where in it.
   */
  spec: {
    /**
     * What the secret is for and who can renew it, in a sentence or two.
     */
    description?: string;
    /**
     * How often the store is asked whether the values changed. Default: as the store proposes.
     */
    refresh?: string;
    /**
     * The store, by its name, and where in it: exactly one. Plugins may bring stores of other names.
     */
    store: {
      /**
       * Environment variables of the platform's process.
       */
      env?: {
        /**
         * The variable for each key. The operator says which variables may be named.
         */
        variables: {
          [k: string]: string | undefined;
        };
      };
      /**
       * Files of the platform's machine, such as those that Kubernetes and Docker mount.
       */
      file?: {
        /**
         * The file for each key, below the folder that the operator gave.
         */
        files: {
          [k: string]: string | undefined;
        };
      };
      /**
       * Values that are encrypted in the registry itself, in the format of SOPS with keys of age: in this manifest, or in a file.
       */
      sops?: {
        /**
         * The values by key, each encrypted. Encrypt the manifest with the rule `encrypted_regex: ^values$`.
         */
        values?: {};
        /**
         * A file that SOPS encrypted, YAML or JSON: from this manifest's folder, or with a leading slash from the registry's root. Nested keys are joined by dots.
         */
        file?: string;
      };
      /**
       * A KV secrets engine, version 2, of HashiCorp Vault or what speaks its API. Where it is and how to log in, the operator says.
       */
      vault?: {
        /**
         * Where the engine is mounted.
         */
        mount?: string;
        /**
         * The path of the secret in it, without `data/`.
         */
        path: string;
        /**
         * The version to read. Default: the newest.
         */
        version?: number;
        /**
         * The field for each key. Default: each field under its own name.
         */
        keys?: {
          [k: string]: string | undefined;
        };
      };
      [k: string]:
        | {}
        | {
            /**
             * The variable for each key. The operator says which variables may be named.
             */
            variables: {
              [k: string]: string | undefined;
            };
          }
        | {
            /**
             * The file for each key, below the folder that the operator gave.
             */
            files: {
              [k: string]: string | undefined;
            };
          }
        | {
            /**
             * The values by key, each encrypted. Encrypt the manifest with the rule `encrypted_regex: ^values$`.
             */
            values?: {};
            /**
             * A file that SOPS encrypted, YAML or JSON: from this manifest's folder, or with a leading slash from the registry's root. Nested keys are joined by dots.
             */
            file?: string;
          }
        | {
            /**
             * Where the engine is mounted.
             */
            mount?: string;
            /**
             * The path of the secret in it, without `data/`.
             */
            path: string;
            /**
             * The version to read. Default: the newest.
             */
            version?: number;
            /**
             * The field for each key. Default: each field under its own name.
             */
            keys?: {
              [k: string]: string | undefined;
            };
          }
        | undefined;
    };
  };
  /**
   * What SOPS writes below an encrypted manifest: who may open it, and its MAC. Let `switchyard secrets` or `sops` write it.
   */
  sops?: {};
}

export type SecretSpec = Secret['spec'];

export const secretSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Secret",
  "description": "Where values are that must not be seen. A manifest says where, never what: plaintext is refused.",
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
      "description": "Always Secret.",
      "const": "Secret",
      "examples": [
        "Secret"
      ]
    },
    "metadata": {
      "description": "What the secret is called and what is known about it.",
      "type": "object",
      "required": [
        "name"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "name": "slack"
        }
      ],
      "properties": {
        "name": {
          "description": "The name that a secretRef gives.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "slack"
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
      "description": "Which store has the values, and where in it.",
      "type": "object",
      "required": [
        "store"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "store": {
            "env": {
              "variables": {
                "token": "SWITCHYARD_SECRET_SLACK"
              }
            }
          }
        }
      ],
      "properties": {
        "description": {
          "description": "What the secret is for and who can renew it, in a sentence or two.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2048,
          "examples": [
            "The incoming webhook of #ml-alerts; the platform team renews it."
          ]
        },
        "refresh": {
          "description": "How often the store is asked whether the values changed. Default: as the store proposes.",
          "type": "string",
          "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
          "examples": [
            "5m"
          ]
        },
        "store": {
          "description": "The store, by its name, and where in it: exactly one. Plugins may bring stores of other names.",
          "type": "object",
          "minProperties": 1,
          "maxProperties": 1,
          "additionalProperties": {
            "type": "object"
          },
          "propertyNames": {
            "type": "string",
            "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
          },
          "examples": [
            {
              "env": {
                "variables": {
                  "token": "SWITCHYARD_SECRET_SLACK"
                }
              }
            }
          ],
          "properties": {
            "env": {
              "description": "Environment variables of the platform's process.",
              "type": "object",
              "required": [
                "variables"
              ],
              "additionalProperties": false,
              "examples": [
                {
                  "variables": {
                    "token": "SWITCHYARD_SECRET_SLACK"
                  }
                }
              ],
              "properties": {
                "variables": {
                  "description": "The variable for each key. The operator says which variables may be named.",
                  "type": "object",
                  "minProperties": 1,
                  "maxProperties": 64,
                  "propertyNames": {
                    "type": "string",
                    "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$"
                  },
                  "additionalProperties": {
                    "type": "string",
                    "maxLength": 255,
                    "pattern": "^[A-Z_][A-Z0-9_]*$"
                  },
                  "examples": [
                    {
                      "token": "SWITCHYARD_SECRET_SLACK"
                    }
                  ]
                }
              }
            },
            "file": {
              "description": "Files of the platform's machine, such as those that Kubernetes and Docker mount.",
              "type": "object",
              "required": [
                "files"
              ],
              "additionalProperties": false,
              "examples": [
                {
                  "files": {
                    "token": "slack/token"
                  }
                }
              ],
              "properties": {
                "files": {
                  "description": "The file for each key, below the folder that the operator gave.",
                  "type": "object",
                  "minProperties": 1,
                  "maxProperties": 64,
                  "propertyNames": {
                    "type": "string",
                    "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$"
                  },
                  "additionalProperties": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1024
                  },
                  "examples": [
                    {
                      "token": "slack/token"
                    }
                  ]
                }
              }
            },
            "sops": {
              "description": "Values that are encrypted in the registry itself, in the format of SOPS with keys of age: in this manifest, or in a file.",
              "type": "object",
              "minProperties": 1,
              "maxProperties": 1,
              "additionalProperties": false,
              "examples": [
                {
                  "file": "slack.enc.json"
                }
              ],
              "properties": {
                "values": {
                  "description": "The values by key, each encrypted. Encrypt the manifest with the rule `encrypted_regex: ^values$`.",
                  "type": "object",
                  "minProperties": 1,
                  "maxProperties": 256,
                  "examples": [
                    {
                      "token": "ENC[AES256_GCM,data:…,iv:…,tag:…,type:str]"
                    }
                  ]
                },
                "file": {
                  "description": "A file that SOPS encrypted, YAML or JSON: from this manifest's folder, or with a leading slash from the registry's root. Nested keys are joined by dots.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 1024,
                  "pattern": "\\.(json|ya?ml)$",
                  "examples": [
                    "slack.enc.json"
                  ]
                }
              }
            },
            "vault": {
              "description": "A KV secrets engine, version 2, of HashiCorp Vault or what speaks its API. Where it is and how to log in, the operator says.",
              "type": "object",
              "required": [
                "path"
              ],
              "additionalProperties": false,
              "examples": [
                {
                  "path": "apps/slack"
                }
              ],
              "properties": {
                "mount": {
                  "description": "Where the engine is mounted.",
                  "type": "string",
                  "default": "secret",
                  "maxLength": 255,
                  "pattern": "^[^/?#\\\\]+(/[^/?#\\\\]+)*$",
                  "examples": [
                    "secret"
                  ]
                },
                "path": {
                  "description": "The path of the secret in it, without `data/`.",
                  "type": "string",
                  "maxLength": 1024,
                  "pattern": "^[^/?#\\\\]+(/[^/?#\\\\]+)*$",
                  "examples": [
                    "apps/slack"
                  ]
                },
                "version": {
                  "description": "The version to read. Default: the newest.",
                  "type": "integer",
                  "minimum": 1,
                  "examples": [
                    3
                  ]
                },
                "keys": {
                  "description": "The field for each key. Default: each field under its own name.",
                  "type": "object",
                  "minProperties": 1,
                  "maxProperties": 64,
                  "propertyNames": {
                    "type": "string",
                    "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$"
                  },
                  "additionalProperties": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 255
                  },
                  "examples": [
                    {
                      "token": "api_token"
                    }
                  ]
                }
              }
            }
          }
        }
      }
    },
    "sops": {
      "description": "What SOPS writes below an encrypted manifest: who may open it, and its MAC. Let `switchyard secrets` or `sops` write it.",
      "type": "object",
      "examples": [
        {
          "lastmodified": "2026-03-01T09:30:00Z",
          "mac": "ENC[AES256_GCM,data:…,iv:…,tag:…,type:str]",
          "encrypted_regex": "^values$",
          "version": "3.11.0"
        }
      ]
    }
  }
} as const;
