// Written by `npm run generate` from schemas/model.schema.json: edit that file instead.

/**
 * A task that is learned from data, who answers for it, and the contract that its callers rely on.
 */
export interface Model {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always Model.
   */
  kind: 'Model';
  /**
   * What the model is called and what is known about it.
   */
  metadata: {
    /**
     * The model's name: lower-case letters, digits and hyphens.
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
   * What the model does, for whom, and with which tensors.
   */
  spec: {
    /**
     * What kind of task it is, under its name on the Hugging Face hub.
     */
    task:
      | 'any-to-any'
      | 'audio-classification'
      | 'audio-text-to-text'
      | 'audio-to-audio'
      | 'automatic-speech-recognition'
      | 'depth-estimation'
      | 'document-question-answering'
      | 'feature-extraction'
      | 'fill-mask'
      | 'graph-ml'
      | 'image-classification'
      | 'image-feature-extraction'
      | 'image-segmentation'
      | 'image-text-to-image'
      | 'image-text-to-text'
      | 'image-text-to-video'
      | 'image-to-3d'
      | 'image-to-image'
      | 'image-to-text'
      | 'image-to-video'
      | 'keypoint-detection'
      | 'mask-generation'
      | 'multiple-choice'
      | 'object-detection'
      | 'question-answering'
      | 'reinforcement-learning'
      | 'robotics'
      | 'sentence-similarity'
      | 'summarization'
      | 'table-question-answering'
      | 'table-to-text'
      | 'tabular-classification'
      | 'tabular-regression'
      | 'tabular-to-text'
      | 'text-classification'
      | 'text-generation'
      | 'text-ranking'
      | 'text-retrieval'
      | 'text-to-3d'
      | 'text-to-audio'
      | 'text-to-image'
      | 'text-to-speech'
      | 'text-to-video'
      | 'time-series-forecasting'
      | 'token-classification'
      | 'translation'
      | 'unconditional-image-generation'
      | 'video-classification'
      | 'video-text-to-text'
      | 'video-to-video'
      | 'visual-document-retrieval'
      | 'visual-question-answering'
      | 'voice-activity-detection'
      | 'zero-shot-classification'
      | 'zero-shot-image-classification'
      | 'zero-shot-object-detection'
      | 'other';
    /**
     * What the model answers, in a sentence or two.
     */
    description: string;
    /**
     * The people or teams who answer for the model.
     *
     * @minItems 1
     * @maxItems 64
     */
    owners: string[];
    /**
     * The contract that callers rely on today. The newest version has this signature, and it breaks no other version of the newest major.
     */
    signature: {
      /**
       * The tensors that a request must carry.
       *
       * @minItems 1
       * @maxItems 512
       */
      inputs: {
        /**
         * The tensor's name, as the model's graph and its callers write it.
         */
        name: string;
        /**
         * The element type, under its name in the Open Inference Protocol.
         */
        datatype:
          | 'BOOL'
          | 'UINT8'
          | 'UINT16'
          | 'UINT32'
          | 'UINT64'
          | 'INT8'
          | 'INT16'
          | 'INT32'
          | 'INT64'
          | 'FP16'
          | 'BF16'
          | 'FP32'
          | 'FP64'
          | 'BYTES';
        /**
         * The size of each dimension; -1 is a dimension that varies, such as the batch.
         *
         * @maxItems 8
         */
        shape: number[];
        /**
         * What the tensor means: its unit, its range, its source.
         */
        description?: string;
      }[];
      /**
       * The tensors that an answer carries.
       *
       * @minItems 1
       * @maxItems 512
       */
      outputs: {
        /**
         * The tensor's name, as the model's graph and its callers write it.
         */
        name: string;
        /**
         * The element type, under its name in the Open Inference Protocol.
         */
        datatype:
          | 'BOOL'
          | 'UINT8'
          | 'UINT16'
          | 'UINT32'
          | 'UINT64'
          | 'INT8'
          | 'INT16'
          | 'INT32'
          | 'INT64'
          | 'FP16'
          | 'BF16'
          | 'FP32'
          | 'FP64'
          | 'BYTES';
        /**
         * The size of each dimension; -1 is a dimension that varies, such as the batch.
         *
         * @maxItems 8
         */
        shape: number[];
        /**
         * What the tensor means: its unit, its range, its source.
         */
        description?: string;
      }[];
    };
    /**
     * The model card, a path relative to this manifest.
     */
    card?: string;
    /**
     * The lines of versions that the model has, as a repository has branches.
     *
     * @minItems 1
     * @maxItems 64
     */
    lines?: string[];
  };
}

export type ModelSpec = Model['spec'];

export const modelSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Model",
  "description": "A task that is learned from data, who answers for it, and the contract that its callers rely on.",
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
      "description": "Always Model.",
      "const": "Model",
      "examples": [
        "Model"
      ]
    },
    "metadata": {
      "description": "What the model is called and what is known about it.",
      "type": "object",
      "required": [
        "name"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "name": "bird-strike",
          "labels": {
            "team": "safety"
          }
        }
      ],
      "properties": {
        "name": {
          "description": "The model's name: lower-case letters, digits and hyphens.",
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
      "description": "What the model does, for whom, and with which tensors.",
      "type": "object",
      "required": [
        "task",
        "description",
        "owners",
        "signature"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "task": "tabular-classification",
          "description": "Will a bird strike damage the aircraft?",
          "owners": [
            "safety-team"
          ],
          "signature": {
            "inputs": [
              {
                "name": "speed",
                "datatype": "FP32",
                "shape": [
                  -1,
                  1
                ]
              }
            ],
            "outputs": [
              {
                "name": "probability",
                "datatype": "FP32",
                "shape": [
                  -1,
                  1
                ]
              }
            ]
          }
        }
      ],
      "properties": {
        "task": {
          "description": "What kind of task it is, under its name on the Hugging Face hub.",
          "type": "string",
          "enum": [
            "any-to-any",
            "audio-classification",
            "audio-text-to-text",
            "audio-to-audio",
            "automatic-speech-recognition",
            "depth-estimation",
            "document-question-answering",
            "feature-extraction",
            "fill-mask",
            "graph-ml",
            "image-classification",
            "image-feature-extraction",
            "image-segmentation",
            "image-text-to-image",
            "image-text-to-text",
            "image-text-to-video",
            "image-to-3d",
            "image-to-image",
            "image-to-text",
            "image-to-video",
            "keypoint-detection",
            "mask-generation",
            "multiple-choice",
            "object-detection",
            "question-answering",
            "reinforcement-learning",
            "robotics",
            "sentence-similarity",
            "summarization",
            "table-question-answering",
            "table-to-text",
            "tabular-classification",
            "tabular-regression",
            "tabular-to-text",
            "text-classification",
            "text-generation",
            "text-ranking",
            "text-retrieval",
            "text-to-3d",
            "text-to-audio",
            "text-to-image",
            "text-to-speech",
            "text-to-video",
            "time-series-forecasting",
            "token-classification",
            "translation",
            "unconditional-image-generation",
            "video-classification",
            "video-text-to-text",
            "video-to-video",
            "visual-document-retrieval",
            "visual-question-answering",
            "voice-activity-detection",
            "zero-shot-classification",
            "zero-shot-image-classification",
            "zero-shot-object-detection",
            "other"
          ],
          "examples": [
            "tabular-classification"
          ]
        },
        "description": {
          "description": "What the model answers, in a sentence or two.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2048,
          "examples": [
            "Will a bird strike damage the aircraft?"
          ]
        },
        "owners": {
          "description": "The people or teams who answer for the model.",
          "type": "array",
          "minItems": 1,
          "maxItems": 64,
          "uniqueItems": true,
          "items": {
            "type": "string",
            "minLength": 1,
            "maxLength": 254
          },
          "examples": [
            [
              "safety-team",
              "ada@example.com"
            ]
          ]
        },
        "signature": {
          "description": "The contract that callers rely on today. The newest version has this signature, and it breaks no other version of the newest major.",
          "type": "object",
          "required": [
            "inputs",
            "outputs"
          ],
          "additionalProperties": false,
          "examples": [
            {
              "inputs": [
                {
                  "name": "speed",
                  "datatype": "FP32",
                  "shape": [
                    -1,
                    1
                  ]
                }
              ],
              "outputs": [
                {
                  "name": "probability",
                  "datatype": "FP32",
                  "shape": [
                    -1,
                    1
                  ]
                }
              ]
            }
          ],
          "properties": {
            "inputs": {
              "description": "The tensors that a request must carry.",
              "type": "array",
              "minItems": 1,
              "maxItems": 512,
              "items": {
                "type": "object",
                "required": [
                  "name",
                  "datatype",
                  "shape"
                ],
                "additionalProperties": false,
                "properties": {
                  "name": {
                    "description": "The tensor's name, as the model's graph and its callers write it.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 256,
                    "examples": [
                      "speed"
                    ]
                  },
                  "datatype": {
                    "description": "The element type, under its name in the Open Inference Protocol.",
                    "type": "string",
                    "enum": [
                      "BOOL",
                      "UINT8",
                      "UINT16",
                      "UINT32",
                      "UINT64",
                      "INT8",
                      "INT16",
                      "INT32",
                      "INT64",
                      "FP16",
                      "BF16",
                      "FP32",
                      "FP64",
                      "BYTES"
                    ],
                    "examples": [
                      "FP32"
                    ]
                  },
                  "shape": {
                    "description": "The size of each dimension; -1 is a dimension that varies, such as the batch.",
                    "type": "array",
                    "maxItems": 8,
                    "items": {
                      "type": "integer",
                      "minimum": -1,
                      "maximum": 2147483647,
                      "not": {
                        "const": 0
                      }
                    },
                    "examples": [
                      [
                        -1,
                        1
                      ]
                    ]
                  },
                  "description": {
                    "description": "What the tensor means: its unit, its range, its source.",
                    "type": "string",
                    "maxLength": 1024,
                    "examples": [
                      "Indicated airspeed in knots."
                    ]
                  }
                }
              },
              "examples": [
                [
                  {
                    "name": "speed",
                    "datatype": "FP32",
                    "shape": [
                      -1,
                      1
                    ]
                  }
                ]
              ]
            },
            "outputs": {
              "description": "The tensors that an answer carries.",
              "type": "array",
              "minItems": 1,
              "maxItems": 512,
              "items": {
                "type": "object",
                "required": [
                  "name",
                  "datatype",
                  "shape"
                ],
                "additionalProperties": false,
                "properties": {
                  "name": {
                    "description": "The tensor's name, as the model's graph and its callers write it.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 256,
                    "examples": [
                      "speed"
                    ]
                  },
                  "datatype": {
                    "description": "The element type, under its name in the Open Inference Protocol.",
                    "type": "string",
                    "enum": [
                      "BOOL",
                      "UINT8",
                      "UINT16",
                      "UINT32",
                      "UINT64",
                      "INT8",
                      "INT16",
                      "INT32",
                      "INT64",
                      "FP16",
                      "BF16",
                      "FP32",
                      "FP64",
                      "BYTES"
                    ],
                    "examples": [
                      "FP32"
                    ]
                  },
                  "shape": {
                    "description": "The size of each dimension; -1 is a dimension that varies, such as the batch.",
                    "type": "array",
                    "maxItems": 8,
                    "items": {
                      "type": "integer",
                      "minimum": -1,
                      "maximum": 2147483647,
                      "not": {
                        "const": 0
                      }
                    },
                    "examples": [
                      [
                        -1,
                        1
                      ]
                    ]
                  },
                  "description": {
                    "description": "What the tensor means: its unit, its range, its source.",
                    "type": "string",
                    "maxLength": 1024,
                    "examples": [
                      "Indicated airspeed in knots."
                    ]
                  }
                }
              },
              "examples": [
                [
                  {
                    "name": "probability",
                    "datatype": "FP32",
                    "shape": [
                      -1,
                      1
                    ]
                  }
                ]
              ]
            }
          }
        },
        "card": {
          "description": "The model card, a path relative to this manifest.",
          "type": "string",
          "minLength": 1,
          "maxLength": 1024,
          "default": "card.md",
          "examples": [
            "card.md"
          ]
        },
        "lines": {
          "description": "The lines of versions that the model has, as a repository has branches.",
          "type": "array",
          "minItems": 1,
          "maxItems": 64,
          "uniqueItems": true,
          "items": {
            "type": "string",
            "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
          },
          "default": [
            "main"
          ],
          "examples": [
            [
              "main",
              "eu"
            ]
          ]
        }
      }
    }
  }
} as const;
