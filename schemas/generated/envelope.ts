// Written by `npm run generate` from schemas/envelope.schema.json: edit that file instead.

/**
 * What every manifest has in common: which language it speaks, what kind of resource it declares, what that resource is called, and what is wanted of it.
 */
export interface Manifest {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * The kind of resource; each kind has a schema of its own for `spec`.
   */
  kind: string;
  /**
   * What the resource is called and what is known about it.
   */
  metadata: {
    /**
     * The resource's name, unique for its kind in its scope.
     */
    name: string;
    /**
     * The environment that the resource lives in.
     */
    environment?: string;
    /**
     * The model that the resource belongs to.
     */
    model?: string;
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
   * What is wanted; its fields are those of the kind.
   */
  spec: {};
}

export const envelopeSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Manifest",
  "description": "What every manifest has in common: which language it speaks, what kind of resource it declares, what that resource is called, and what is wanted of it.",
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
      "description": "The kind of resource; each kind has a schema of its own for `spec`.",
      "type": "string",
      "pattern": "^[A-Z][A-Za-z0-9]{0,62}$",
      "examples": [
        "Deployment",
        "ModelVersion"
      ]
    },
    "metadata": {
      "description": "What the resource is called and what is known about it.",
      "type": "object",
      "required": [
        "name"
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
          "description": "The resource's name, unique for its kind in its scope.",
          "type": "string",
          "minLength": 1,
          "maxLength": 253,
          "examples": [
            "bird-strike",
            "1.0.0"
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
        "model": {
          "description": "The model that the resource belongs to.",
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
      "description": "What is wanted; its fields are those of the kind.",
      "type": "object",
      "examples": [
        {
          "model": "bird-strike",
          "version": "1.0.0"
        }
      ]
    }
  }
} as const;
