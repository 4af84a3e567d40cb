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
     * Whether the same inputs may have another answer the next time, because the model draws by chance or is handed its state from call to call. No answers of it are kept.
     */
    stateful?: boolean;
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
         * The names of the values of a row, in order, where a row has several: what rows by name call them.
         *
         * @minItems 1
         * @maxItems 16384
         */
        columns?: string[];
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
         * The names of the classes, in order: of a whole number that counts them from 0, or of as many probabilities a row.
         *
         * @minItems 1
         * @maxItems 16384
         */
        classes?: string[];
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
    /**
     * How often the owners accept that a rollout takes a good version for a bad one. Analyses share it; `lower` and `upper` of what they measure hold by it.
     */
    errorBudget?: {
      /**
       * The chance of it in one rollout, over all its analyses, their metrics and looks. Without `errorBudget` it is 0.05.
       */
      alpha: number;
    };
    /**
     * How a new version is compared with the one that serves, before it takes its place. Read from the base branch.
     */
    evaluation?: {
      /**
       * The data that no version was trained on: a CSV file with a header.
       */
      dataset: {
        /**
         * The dataset's name.
         */
        name: string;
        /**
         * The version of the dataset.
         */
        version: string;
      };
      /**
       * Which rows count: those that meet all of these. Without it, all do.
       *
       * @minItems 1
       * @maxItems 64
       */
      where?: {
        /**
         * The column that is looked at.
         */
        column: string;
        /**
         * The value is one of these, as the file writes them.
         *
         * @minItems 1
         * @maxItems 1024
         */
        in?: string[];
        /**
         * The value is at least this: as a number where the column holds numbers, else as text, which suits dates.
         */
        from?: string;
        /**
         * The value is at most this.
         */
        to?: string;
      }[];
      /**
       * What was true.
       */
      label: {
        /**
         * The column that holds it.
         */
        column: string;
        /**
         * The values that count as 1; all others count as 0.
         *
         * @minItems 1
         * @maxItems 1024
         */
        positive?: string[];
        /**
         * The values that count as 0; all others count as 1. Without `positive` and `negative` the column holds the number itself.
         *
         * @minItems 1
         * @maxItems 1024
         */
        negative?: string[];
      };
      /**
       * The output that ranks rows or gives a probability: for auc, log-loss and brier.
       */
      score?: {
        /**
         * The name of the output.
         */
        output: string;
        /**
         * Which of the numbers that it has for each row, from 0.
         */
        index?: number;
      };
      /**
       * The output that predicts the label or the number: for accuracy, precision, recall, f1, mae and rmse.
       */
      prediction?: {
        /**
         * The name of the output.
         */
        output: string;
        /**
         * Which of the numbers that it has for each row, from 0.
         */
        index?: number;
      };
      /**
       * Inputs that are not simply the column of their name.
       *
       * @minItems 1
       * @maxItems 1024
       */
      inputs?: {
        /**
         * The name of the input.
         */
        name: string;
        /**
         * The columns that it is made of, in order: as many as it has values for each row. Default: the one of its name.
         *
         * @minItems 1
         * @maxItems 4096
         */
        columns?: string[];
        /**
         * What stands for an empty value. Without it, an empty value is the empty text, and no number.
         */
        missing?: string;
      }[];
      /**
       * The figures that may not become worse.
       *
       * @minItems 1
       * @maxItems 9
       */
      metrics: {
        /**
         * The figure.
         */
        name: 'auc' | 'accuracy' | 'precision' | 'recall' | 'f1' | 'log-loss' | 'brier' | 'mae' | 'rmse';
        /**
         * By how much it may become worse, in its own unit.
         */
        maxDrop: number;
        /**
         * What the check says where the rows are too few to tell whether the drop is within the limit.
         */
        whenUndecided?: 'neutral' | 'fail';
      }[];
      /**
       * Columns by whose values the comparison is shown as well.
       *
       * @minItems 1
       * @maxItems 16
       */
      slices?: string[];
      /**
       * Requests that are replayed through both versions: a `file:` URI, from this manifest, of a file with one Open Inference request in JSON a line. Without it, the golden examples are replayed.
       */
      requests?: string;
    };
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
        "stateful": {
          "description": "Whether the same inputs may have another answer the next time, because the model draws by chance or is handed its state from call to call. No answers of it are kept.",
          "type": "boolean",
          "default": false,
          "examples": [
            true
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
                  "columns": {
                    "description": "The names of the values of a row, in order, where a row has several: what rows by name call them.",
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 16384,
                    "uniqueItems": true,
                    "items": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 256
                    },
                    "examples": [
                      [
                        "sepal_length",
                        "sepal_width",
                        "petal_length",
                        "petal_width"
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
                  "classes": {
                    "description": "The names of the classes, in order: of a whole number that counts them from 0, or of as many probabilities a row.",
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 16384,
                    "uniqueItems": true,
                    "items": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 256
                    },
                    "examples": [
                      [
                        "setosa",
                        "versicolor",
                        "virginica"
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
        },
        "errorBudget": {
          "description": "How often the owners accept that a rollout takes a good version for a bad one. Analyses share it; `lower` and `upper` of what they measure hold by it.",
          "type": "object",
          "required": [
            "alpha"
          ],
          "additionalProperties": false,
          "properties": {
            "alpha": {
              "description": "The chance of it in one rollout, over all its analyses, their metrics and looks. Without `errorBudget` it is 0.05.",
              "type": "number",
              "minimum": 0.000001,
              "maximum": 0.5,
              "examples": [
                0.01
              ]
            }
          },
          "examples": [
            {
              "alpha": 0.01
            }
          ]
        },
        "evaluation": {
          "description": "How a new version is compared with the one that serves, before it takes its place. Read from the base branch.",
          "type": "object",
          "required": [
            "dataset",
            "label",
            "metrics"
          ],
          "additionalProperties": false,
          "examples": [
            {
              "dataset": {
                "name": "bird-strikes",
                "version": "1999-2002"
              },
              "label": {
                "column": "damage",
                "negative": [
                  "None"
                ]
              },
              "score": {
                "output": "probability"
              },
              "metrics": [
                {
                  "name": "auc",
                  "maxDrop": 0.01
                }
              ]
            }
          ],
          "properties": {
            "dataset": {
              "description": "The data that no version was trained on: a CSV file with a header.",
              "type": "object",
              "required": [
                "name",
                "version"
              ],
              "additionalProperties": false,
              "properties": {
                "name": {
                  "description": "The dataset's name.",
                  "type": "string",
                  "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                  "examples": [
                    "bird-strikes"
                  ]
                },
                "version": {
                  "description": "The version of the dataset.",
                  "type": "string",
                  "pattern": "^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
                  "examples": [
                    "1990-1994"
                  ]
                }
              },
              "examples": [
                {
                  "name": "bird-strikes",
                  "version": "1999-2002"
                }
              ]
            },
            "where": {
              "description": "Which rows count: those that meet all of these. Without it, all do.",
              "type": "array",
              "minItems": 1,
              "maxItems": 64,
              "items": {
                "type": "object",
                "required": [
                  "column"
                ],
                "additionalProperties": false,
                "properties": {
                  "column": {
                    "description": "The column that is looked at.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 256,
                    "examples": [
                      "flight_date"
                    ]
                  },
                  "in": {
                    "description": "The value is one of these, as the file writes them.",
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 1024,
                    "items": {
                      "type": "string",
                      "maxLength": 256
                    },
                    "examples": [
                      [
                        "Day",
                        "Dusk"
                      ]
                    ]
                  },
                  "from": {
                    "description": "The value is at least this: as a number where the column holds numbers, else as text, which suits dates.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 256,
                    "examples": [
                      "1999-01-01"
                    ]
                  },
                  "to": {
                    "description": "The value is at most this.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 256,
                    "examples": [
                      "2002-12-31"
                    ]
                  }
                }
              },
              "examples": [
                [
                  {
                    "column": "flight_date",
                    "from": "1999-01-01",
                    "to": "2002-12-31"
                  }
                ]
              ]
            },
            "label": {
              "description": "What was true.",
              "type": "object",
              "required": [
                "column"
              ],
              "additionalProperties": false,
              "properties": {
                "column": {
                  "description": "The column that holds it.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "examples": [
                    "damage"
                  ]
                },
                "positive": {
                  "description": "The values that count as 1; all others count as 0.",
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 1024,
                  "items": {
                    "type": "string",
                    "maxLength": 256
                  },
                  "examples": [
                    [
                      "Minor",
                      "Substantial"
                    ]
                  ]
                },
                "negative": {
                  "description": "The values that count as 0; all others count as 1. Without `positive` and `negative` the column holds the number itself.",
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 1024,
                  "items": {
                    "type": "string",
                    "maxLength": 256
                  },
                  "examples": [
                    [
                      "None"
                    ]
                  ]
                }
              },
              "examples": [
                {
                  "column": "damage",
                  "negative": [
                    "None"
                  ]
                }
              ]
            },
            "score": {
              "description": "The output that ranks rows or gives a probability: for auc, log-loss and brier.",
              "type": "object",
              "required": [
                "output"
              ],
              "additionalProperties": false,
              "properties": {
                "output": {
                  "description": "The name of the output.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "examples": [
                    "probability"
                  ]
                },
                "index": {
                  "description": "Which of the numbers that it has for each row, from 0.",
                  "type": "integer",
                  "minimum": 0,
                  "maximum": 65535,
                  "default": 0,
                  "examples": [
                    1
                  ]
                }
              },
              "examples": [
                {
                  "output": "probability"
                }
              ]
            },
            "prediction": {
              "description": "The output that predicts the label or the number: for accuracy, precision, recall, f1, mae and rmse.",
              "type": "object",
              "required": [
                "output"
              ],
              "additionalProperties": false,
              "properties": {
                "output": {
                  "description": "The name of the output.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "examples": [
                    "label"
                  ]
                },
                "index": {
                  "description": "Which of the numbers that it has for each row, from 0.",
                  "type": "integer",
                  "minimum": 0,
                  "maximum": 65535,
                  "default": 0,
                  "examples": [
                    1
                  ]
                }
              },
              "examples": [
                {
                  "output": "label"
                }
              ]
            },
            "inputs": {
              "description": "Inputs that are not simply the column of their name.",
              "type": "array",
              "minItems": 1,
              "maxItems": 1024,
              "items": {
                "type": "object",
                "required": [
                  "name"
                ],
                "additionalProperties": false,
                "properties": {
                  "name": {
                    "description": "The name of the input.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 256,
                    "examples": [
                      "speed_knots"
                    ]
                  },
                  "columns": {
                    "description": "The columns that it is made of, in order: as many as it has values for each row. Default: the one of its name.",
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 4096,
                    "items": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 256
                    },
                    "examples": [
                      [
                        "speed_knots"
                      ]
                    ]
                  },
                  "missing": {
                    "description": "What stands for an empty value. Without it, an empty value is the empty text, and no number.",
                    "type": "string",
                    "maxLength": 256,
                    "examples": [
                      "-1"
                    ]
                  }
                }
              },
              "examples": [
                [
                  {
                    "name": "speed_knots",
                    "missing": "-1"
                  }
                ]
              ]
            },
            "metrics": {
              "description": "The figures that may not become worse.",
              "type": "array",
              "minItems": 1,
              "maxItems": 9,
              "items": {
                "type": "object",
                "required": [
                  "name",
                  "maxDrop"
                ],
                "additionalProperties": false,
                "properties": {
                  "name": {
                    "description": "The figure.",
                    "type": "string",
                    "enum": [
                      "auc",
                      "accuracy",
                      "precision",
                      "recall",
                      "f1",
                      "log-loss",
                      "brier",
                      "mae",
                      "rmse"
                    ],
                    "examples": [
                      "auc"
                    ]
                  },
                  "maxDrop": {
                    "description": "By how much it may become worse, in its own unit.",
                    "type": "number",
                    "minimum": 0,
                    "examples": [
                      0.01
                    ]
                  },
                  "whenUndecided": {
                    "description": "What the check says where the rows are too few to tell whether the drop is within the limit.",
                    "type": "string",
                    "enum": [
                      "neutral",
                      "fail"
                    ],
                    "default": "neutral",
                    "examples": [
                      "fail"
                    ]
                  }
                }
              },
              "examples": [
                [
                  {
                    "name": "auc",
                    "maxDrop": 0.01
                  }
                ]
              ]
            },
            "slices": {
              "description": "Columns by whose values the comparison is shown as well.",
              "type": "array",
              "minItems": 1,
              "maxItems": 16,
              "uniqueItems": true,
              "items": {
                "type": "string",
                "minLength": 1,
                "maxLength": 256
              },
              "examples": [
                [
                  "phase_of_flight"
                ]
              ]
            },
            "requests": {
              "description": "Requests that are replayed through both versions: a `file:` URI, from this manifest, of a file with one Open Inference request in JSON a line. Without it, the golden examples are replayed.",
              "type": "string",
              "pattern": "^file:",
              "minLength": 6,
              "maxLength": 1024,
              "examples": [
                "file:requests.jsonl"
              ]
            }
          }
        }
      }
    }
  }
} as const;
