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
     * Whether a bare `/v2` means this environment. At most one environment says so.
     */
    default?: boolean;
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
        "default": {
          "description": "Whether a bare `/v2` means this environment. At most one environment says so.",
          "type": "boolean",
          "default": false,
          "examples": [
            true
          ]
        }
      }
    }
  }
} as const;
