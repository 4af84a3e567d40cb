// Written by `npm run generate` from schemas/platform.schema.json: edit that file instead.

/**
 * How the platform of this registry works: which plugins it runs, and how carefully it follows the registry.
 */
export interface Platform {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always Platform.
   */
  kind: 'Platform';
  /**
   * What the platform is called and what is known about it.
   */
  metadata: {
    /**
     * The resource's name: lower-case letters, digits and hyphens, as in a host name.
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
   * The plugins and the sync policy.
   */
  spec: {
    /**
     * The plugins to run, built in or installed from npm; their order does not matter.
     *
     * @maxItems 128
     */
    plugins: {
      /**
       * The name of a built-in plugin, or of an npm package that is one.
       */
      name: string;
      /**
       * The plugin's options; each plugin documents its own.
       */
      options?: {
        [k: string]: unknown | undefined;
      };
    }[];
    /**
     * How the platform follows the registry.
     */
    sync?: {
      /**
       * A commit that removes more than this share of the resources is held until a person acknowledges it. The limit of what is applied counts, not one that the commit itself brings.
       */
      maxRemovalPercent?: number;
    };
  };
}

export type PlatformSpec = Platform['spec'];

export const platformSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Platform",
  "description": "How the platform of this registry works: which plugins it runs, and how carefully it follows the registry.",
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
      "description": "Always Platform.",
      "const": "Platform",
      "examples": [
        "Platform"
      ]
    },
    "metadata": {
      "description": "What the platform is called and what is known about it.",
      "type": "object",
      "required": [
        "name"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "name": "airport-safety"
        }
      ],
      "properties": {
        "name": {
          "description": "The resource's name: lower-case letters, digits and hyphens, as in a host name.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "airport-safety"
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
      "description": "The plugins and the sync policy.",
      "type": "object",
      "required": [
        "plugins"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "plugins": [
            {
              "name": "environments"
            },
            {
              "name": "models"
            },
            {
              "name": "serving"
            },
            {
              "name": "rollout"
            }
          ]
        }
      ],
      "properties": {
        "plugins": {
          "description": "The plugins to run, built in or installed from npm; their order does not matter.",
          "type": "array",
          "maxItems": 128,
          "examples": [
            [
              {
                "name": "models"
              },
              {
                "name": "serving"
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
                "description": "The name of a built-in plugin, or of an npm package that is one.",
                "type": "string",
                "maxLength": 214,
                "pattern": "^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$",
                "examples": [
                  "serving",
                  "@acme/switchyard-audit"
                ]
              },
              "options": {
                "description": "The plugin's options; each plugin documents its own.",
                "type": "object",
                "additionalProperties": true,
                "examples": [
                  {
                    "level": "strict"
                  }
                ]
              }
            }
          }
        },
        "sync": {
          "description": "How the platform follows the registry.",
          "type": "object",
          "additionalProperties": false,
          "examples": [
            {
              "maxRemovalPercent": 30
            }
          ],
          "properties": {
            "maxRemovalPercent": {
              "description": "A commit that removes more than this share of the resources is held until a person acknowledges it. The limit of what is applied counts, not one that the commit itself brings.",
              "type": "integer",
              "minimum": 0,
              "maximum": 100,
              "default": 30,
              "examples": [
                30
              ]
            }
          }
        }
      }
    }
  }
} as const;
