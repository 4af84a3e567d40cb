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
     * How traffic walks from one version to the next; exactly one strategy.
     */
    strategy?: {
      /**
       * All traffic at once, as soon as the new version is loaded and has answered its golden examples.
       */
      direct?: {};
    };
    /**
     * How long the previous version stays loaded after a switch, so that going back is instant. 0s releases it at once.
     */
    keepWarm?: string;
    /**
     * How requests that arrive together are run together.
     */
    batching?: {
      /**
       * The most rows in one run of the model; 1 turns batching off.
       */
      maxBatchSize?: number;
      /**
       * How long a request may wait for others. 0ms batches only what already waits.
       */
      maxDelay?: string;
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
          "description": "How traffic walks from one version to the next; exactly one strategy.",
          "type": "object",
          "minProperties": 1,
          "maxProperties": 1,
          "additionalProperties": false,
          "default": {
            "direct": {}
          },
          "examples": [
            {
              "direct": {}
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
            }
          }
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
              "description": "How long a request may wait for others. 0ms batches only what already waits.",
              "type": "string",
              "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
              "examples": [
                "0ms"
              ],
              "default": "0ms"
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
            }
          }
        }
      }
    }
  }
} as const;
