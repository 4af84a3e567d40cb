// Written by `npm run generate` from schemas/model-version.schema.json: edit that file instead.

/**
 * One trained version of a model: its artifact, where it comes from, how good it is, and examples that it must answer.
 */
export interface ModelVersion {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always ModelVersion.
   */
  kind: 'ModelVersion';
  /**
   * Which version of which model this is.
   */
  metadata: {
    /**
     * The version: a semantic version whose major counts the breaking changes of the signature.
     */
    name: string;
    /**
     * The model that this is a version of.
     */
    model: string;
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
   * The version's artifact, signature, origin and evidence.
   */
  spec: {
    /**
     * The file that holds the trained model.
     */
    artifact: {
      /**
       * Where the bytes are: `file:` and a path relative to this manifest (or, with a leading slash, to the registry's root), an http(s) URL without credentials, or `s3://`, a bucket and a key.
       */
      uri: string;
      /**
       * The SHA-256 of the artifact, in hexadecimal, after `sha256:`; checked on every load.
       */
      digest: string;
      /**
       * The artifact's size in bytes.
       */
      size: number;
      /**
       * The signature of the artifact, in the format of the OpenSSF (OMS): what `switchyard sign` and `model_signing` write.
       */
      signature?: {
        /**
         * Where the bundle is, as of the artifact itself: a file of the registry, an http(s) URL, or an object of a bucket.
         */
        uri: string;
        /**
         * Which file of the signed folder the artifact is. Without it, the bundle is of this one file.
         */
        path?: string;
      };
      /**
       * The artifact's format.
       */
      format?: 'onnx';
    };
    /**
     * How ONNX Runtime runs the artifact: wherever the version is tried or served, but for what a Deployment says of its own place.
     */
    runtime?: {
      /**
       * How far the graph is rewritten when it is loaded. Less loads faster and keeps closer to what was exported.
       */
      graphOptimization?: 'disabled' | 'basic' | 'extended' | 'layout' | 'all';
      /**
       * Whether operators run one after the other, or side by side where the graph branches.
       */
      executionMode?: 'sequential' | 'parallel';
      /**
       * Threads that work on one operator, for each replica. More shorten single runs of large models, and take processors from all others.
       */
      intraOpThreads?: number;
      /**
       * Threads that work on operators side by side, for each replica; only with `executionMode: parallel`.
       */
      interOpThreads?: number;
      /**
       * What ONNX Runtime runs the graph on; nodes that it does not know run on the processor. A machine without it refuses the version (`ProviderUnavailable`).
       */
      provider?: 'cpu' | 'cuda' | 'tensorrt' | 'dml' | 'coreml' | 'webgpu';
    };
    /**
     * The tensors that this version takes and gives; compared with the artifact's own before it serves.
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
     * The line of versions that this one continues; one of the model's `lines`.
     */
    line?: string;
    /**
     * The versions that this one comes from: one for a retrain, two for a merge.
     *
     * @maxItems 8
     *
     * Items: A semantic version in lower case, without build metadata.
     */
    parents?: string[];
    /**
     * What the version was made of, so that it can be made again.
     */
    lineage?: {
      /**
       * The dataset that it was trained on.
       */
      dataset?: {
        /**
         * The dataset's name.
         */
        name: string;
        /**
         * The name of a dataset's version: letters, digits, dots, hyphens and underscores.
         */
        version: string;
      };
      /**
       * The code that trained it.
       */
      code?: {
        /**
         * The repository of the code, where it is not this registry.
         */
        repository?: string;
        /**
         * The file or folder in that repository.
         */
        path?: string;
        /**
         * The commit of the code.
         */
        commit?: string;
        /**
         * The SHA-256 of the training script, in hexadecimal, after `sha256:`.
         */
        digest?: string;
      };
      /**
       * The settings of the training run, under the trainer's own names.
       */
      parameters?: {
        [k: string]: unknown | undefined;
      };
      /**
       * The seed of the random numbers.
       */
      seed?: number;
      /**
       * The software that it was trained with: names and their versions.
       */
      environment?: {
        [k: string]: string | undefined;
      };
    };
    /**
     * What was measured of the version, on which data.
     *
     * @maxItems 1024
     */
    metrics?: {
      /**
       * The metric's name.
       */
      name: string;
      /**
       * The value measured.
       */
      value: number;
      /**
       * The dataset that it was measured on: its name, and after `@` its version.
       */
      dataset?: string;
      /**
       * The part of the data that it was measured on.
       */
      slice?: string;
      /**
       * The lower and upper bound of the value's 95 % confidence interval.
       *
       * @minItems 2
       * @maxItems 2
       */
      interval?: number[];
    }[];
    /**
     * Golden examples: a version serves only after it has answered each of them within its tolerance.
     *
     * @maxItems 64
     */
    examples?: {
      /**
       * The example's name, unique in this version.
       */
      name: string;
      /**
       * One tensor for each input of the signature.
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
         * The size of each dimension.
         *
         * @maxItems 8
         */
        shape: number[];
        /**
         * The elements in row-major order, as one flat list; as many as the shape's product.
         *
         * @maxItems 65536
         */
        data: (number | string | boolean)[];
      }[];
      /**
       * The tensors that must come out: all of the signature's outputs or some of them.
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
         * The size of each dimension.
         *
         * @maxItems 8
         */
        shape: number[];
        /**
         * The elements in row-major order, as one flat list; as many as the shape's product.
         *
         * @maxItems 65536
         */
        data: (number | string | boolean)[];
      }[];
      /**
       * How far an answer may be off; either bound suffices.
       */
      tolerance?: {
        /**
         * The greatest difference allowed.
         */
        absolute?: number;
        /**
         * The greatest difference allowed, as a share of the expected value.
         */
        relative?: number;
      };
    }[];
    /**
     * Present while the version must not be deployed anywhere.
     */
    quarantine?: {
      /**
       * Why the version is refused.
       */
      reason: string;
      /**
       * The day, or the moment in UTC, from which it is refused.
       */
      since?: string;
      /**
       * Where the measurements are that condemned it.
       */
      evidence?: string;
    };
  };
}

export type ModelVersionSpec = ModelVersion['spec'];

export const modelVersionSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "ModelVersion",
  "description": "One trained version of a model: its artifact, where it comes from, how good it is, and examples that it must answer.",
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
      "description": "Always ModelVersion.",
      "const": "ModelVersion",
      "examples": [
        "ModelVersion"
      ]
    },
    "metadata": {
      "description": "Which version of which model this is.",
      "type": "object",
      "required": [
        "name",
        "model"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "name": "1.1.0",
          "model": "bird-strike"
        }
      ],
      "properties": {
        "name": {
          "description": "The version: a semantic version whose major counts the breaking changes of the signature.",
          "type": "string",
          "maxLength": 128,
          "pattern": "^(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})(-(0|[1-9]\\d{0,8}|\\d*[a-z-][0-9a-z-]*)(\\.(0|[1-9]\\d{0,8}|\\d*[a-z-][0-9a-z-]*))*)?$",
          "examples": [
            "1.1.0"
          ]
        },
        "model": {
          "description": "The model that this is a version of.",
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
      "description": "The version's artifact, signature, origin and evidence.",
      "type": "object",
      "required": [
        "artifact",
        "signature"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "artifact": {
            "uri": "file:1.1.0.onnx",
            "digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "size": 76211
          },
          "parents": [
            "1.0.0"
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
        "artifact": {
          "description": "The file that holds the trained model.",
          "type": "object",
          "required": [
            "uri",
            "digest",
            "size"
          ],
          "additionalProperties": false,
          "examples": [
            {
              "uri": "file:1.1.0.onnx",
              "digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
              "size": 76211
            }
          ],
          "properties": {
            "uri": {
              "description": "Where the bytes are: `file:` and a path relative to this manifest (or, with a leading slash, to the registry's root), an http(s) URL without credentials, or `s3://`, a bucket and a key.",
              "type": "string",
              "maxLength": 2048,
              "pattern": "^[a-z][a-z0-9+.-]*:[^\\s]+$",
              "examples": [
                "file:1.0.0.onnx",
                "https://models.example.com/bird-strike/1.0.0.onnx",
                "s3://models/bird-strike/1.0.0.onnx"
              ]
            },
            "digest": {
              "description": "The SHA-256 of the artifact, in hexadecimal, after `sha256:`; checked on every load.",
              "type": "string",
              "pattern": "^sha256:[0-9a-f]{64}$",
              "examples": [
                "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
              ]
            },
            "size": {
              "description": "The artifact's size in bytes.",
              "type": "integer",
              "minimum": 1,
              "maximum": 1099511627776,
              "examples": [
                76211
              ]
            },
            "signature": {
              "description": "The signature of the artifact, in the format of the OpenSSF (OMS): what `switchyard sign` and `model_signing` write.",
              "type": "object",
              "required": [
                "uri"
              ],
              "additionalProperties": false,
              "examples": [
                {
                  "uri": "file:1.1.0.onnx.sig"
                }
              ],
              "properties": {
                "uri": {
                  "description": "Where the bundle is, as of the artifact itself: a file of the registry, an http(s) URL, or an object of a bucket.",
                  "type": "string",
                  "maxLength": 2048,
                  "pattern": "^[a-z][a-z0-9+.-]*:[^\\s]+$",
                  "examples": [
                    "file:1.1.0.onnx.sig"
                  ]
                },
                "path": {
                  "description": "Which file of the signed folder the artifact is. Without it, the bundle is of this one file.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 1024,
                  "examples": [
                    "model.onnx"
                  ]
                }
              }
            },
            "format": {
              "description": "The artifact's format.",
              "type": "string",
              "enum": [
                "onnx"
              ],
              "default": "onnx",
              "examples": [
                "onnx"
              ]
            }
          }
        },
        "runtime": {
          "description": "How ONNX Runtime runs the artifact: wherever the version is tried or served, but for what a Deployment says of its own place.",
          "type": "object",
          "additionalProperties": false,
          "examples": [
            {
              "graphOptimization": "extended",
              "intraOpThreads": 2
            }
          ],
          "properties": {
            "graphOptimization": {
              "description": "How far the graph is rewritten when it is loaded. Less loads faster and keeps closer to what was exported.",
              "type": "string",
              "enum": [
                "disabled",
                "basic",
                "extended",
                "layout",
                "all"
              ],
              "default": "all",
              "examples": [
                "extended"
              ]
            },
            "executionMode": {
              "description": "Whether operators run one after the other, or side by side where the graph branches.",
              "type": "string",
              "enum": [
                "sequential",
                "parallel"
              ],
              "default": "sequential",
              "examples": [
                "parallel"
              ]
            },
            "intraOpThreads": {
              "description": "Threads that work on one operator, for each replica. More shorten single runs of large models, and take processors from all others.",
              "type": "integer",
              "minimum": 1,
              "maximum": 256,
              "examples": [
                2
              ],
              "default": 1
            },
            "interOpThreads": {
              "description": "Threads that work on operators side by side, for each replica; only with `executionMode: parallel`.",
              "type": "integer",
              "minimum": 1,
              "maximum": 256,
              "examples": [
                2
              ],
              "default": 1
            },
            "provider": {
              "description": "What ONNX Runtime runs the graph on; nodes that it does not know run on the processor. A machine without it refuses the version (`ProviderUnavailable`).",
              "type": "string",
              "enum": [
                "cpu",
                "cuda",
                "tensorrt",
                "dml",
                "coreml",
                "webgpu"
              ],
              "examples": [
                "cuda"
              ],
              "default": "cpu"
            }
          }
        },
        "signature": {
          "description": "The tensors that this version takes and gives; compared with the artifact's own before it serves.",
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
        "line": {
          "description": "The line of versions that this one continues; one of the model's `lines`.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "default": "main",
          "examples": [
            "main"
          ]
        },
        "parents": {
          "description": "The versions that this one comes from: one for a retrain, two for a merge.",
          "type": "array",
          "maxItems": 8,
          "uniqueItems": true,
          "items": {
            "description": "A semantic version in lower case, without build metadata.",
            "type": "string",
            "maxLength": 128,
            "pattern": "^(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})(-(0|[1-9]\\d{0,8}|\\d*[a-z-][0-9a-z-]*)(\\.(0|[1-9]\\d{0,8}|\\d*[a-z-][0-9a-z-]*))*)?$",
            "examples": [
              "1.0.0"
            ]
          },
          "examples": [
            [
              "1.0.0"
            ]
          ]
        },
        "lineage": {
          "description": "What the version was made of, so that it can be made again.",
          "type": "object",
          "additionalProperties": false,
          "examples": [
            {
              "dataset": {
                "name": "bird-strikes",
                "version": "1990-1994"
              },
              "seed": 7
            }
          ],
          "properties": {
            "dataset": {
              "description": "The dataset that it was trained on.",
              "type": "object",
              "required": [
                "name",
                "version"
              ],
              "additionalProperties": false,
              "examples": [
                {
                  "name": "bird-strikes",
                  "version": "1990-1994"
                }
              ],
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
                  "description": "The name of a dataset's version: letters, digits, dots, hyphens and underscores.",
                  "type": "string",
                  "pattern": "^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
                  "examples": [
                    "1990-1994"
                  ]
                }
              }
            },
            "code": {
              "description": "The code that trained it.",
              "type": "object",
              "additionalProperties": false,
              "examples": [
                {
                  "path": "training/train.ts"
                }
              ],
              "properties": {
                "repository": {
                  "description": "The repository of the code, where it is not this registry.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 2048,
                  "examples": [
                    "https://git.example.com/safety/bird-strike"
                  ]
                },
                "path": {
                  "description": "The file or folder in that repository.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 1024,
                  "examples": [
                    "training/train.ts"
                  ]
                },
                "commit": {
                  "description": "The commit of the code.",
                  "type": "string",
                  "pattern": "^[0-9a-f]{7,64}$",
                  "examples": [
                    "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
                  ]
                },
                "digest": {
                  "description": "The SHA-256 of the training script, in hexadecimal, after `sha256:`.",
                  "type": "string",
                  "pattern": "^sha256:[0-9a-f]{64}$",
                  "examples": [
                    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                  ]
                }
              }
            },
            "parameters": {
              "description": "The settings of the training run, under the trainer's own names.",
              "type": "object",
              "additionalProperties": true,
              "examples": [
                {
                  "trees": 120,
                  "learningRate": 0.1
                }
              ]
            },
            "seed": {
              "description": "The seed of the random numbers.",
              "type": "integer",
              "minimum": 0,
              "maximum": 9007199254740991,
              "examples": [
                7
              ]
            },
            "environment": {
              "description": "The software that it was trained with: names and their versions.",
              "type": "object",
              "additionalProperties": {
                "type": "string",
                "maxLength": 256
              },
              "examples": [
                {
                  "node": "20.19.0"
                }
              ]
            }
          }
        },
        "metrics": {
          "description": "What was measured of the version, on which data.",
          "type": "array",
          "maxItems": 1024,
          "examples": [
            [
              {
                "name": "auc",
                "value": 0.81,
                "slice": "hold-out"
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
                "description": "The metric's name.",
                "type": "string",
                "pattern": "^[A-Za-z0-9][A-Za-z0-9_.@-]{0,127}$",
                "examples": [
                  "auc"
                ]
              },
              "value": {
                "description": "The value measured.",
                "type": "number",
                "examples": [
                  0.81
                ]
              },
              "dataset": {
                "description": "The dataset that it was measured on: its name, and after `@` its version.",
                "type": "string",
                "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(@[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$",
                "examples": [
                  "bird-strikes@1990-1994"
                ]
              },
              "slice": {
                "description": "The part of the data that it was measured on.",
                "type": "string",
                "minLength": 1,
                "maxLength": 256,
                "examples": [
                  "hold-out",
                  "operator = military"
                ]
              },
              "interval": {
                "description": "The lower and upper bound of the value's 95 % confidence interval.",
                "type": "array",
                "minItems": 2,
                "maxItems": 2,
                "items": {
                  "type": "number"
                },
                "examples": [
                  [
                    0.79,
                    0.83
                  ]
                ]
              }
            }
          }
        },
        "examples": {
          "description": "Golden examples: a version serves only after it has answered each of them within its tolerance.",
          "type": "array",
          "maxItems": 64,
          "examples": [
            [
              {
                "name": "slow-and-low",
                "inputs": [
                  {
                    "name": "speed",
                    "datatype": "FP32",
                    "shape": [
                      1,
                      1
                    ],
                    "data": [
                      90
                    ]
                  }
                ],
                "outputs": [
                  {
                    "name": "probability",
                    "datatype": "FP32",
                    "shape": [
                      1,
                      1
                    ],
                    "data": [
                      0.042
                    ]
                  }
                ],
                "tolerance": {
                  "absolute": 0.000001
                }
              }
            ]
          ],
          "items": {
            "type": "object",
            "required": [
              "name",
              "inputs",
              "outputs"
            ],
            "additionalProperties": false,
            "properties": {
              "name": {
                "description": "The example's name, unique in this version.",
                "type": "string",
                "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
                "examples": [
                  "slow-and-low"
                ]
              },
              "inputs": {
                "description": "One tensor for each input of the signature.",
                "type": "array",
                "minItems": 1,
                "maxItems": 512,
                "items": {
                  "type": "object",
                  "required": [
                    "name",
                    "datatype",
                    "shape",
                    "data"
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
                      "description": "The size of each dimension.",
                      "type": "array",
                      "maxItems": 8,
                      "items": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 2147483647
                      },
                      "examples": [
                        [
                          1,
                          1
                        ]
                      ]
                    },
                    "data": {
                      "description": "The elements in row-major order, as one flat list; as many as the shape's product.",
                      "type": "array",
                      "maxItems": 65536,
                      "items": {
                        "anyOf": [
                          {
                            "type": "number"
                          },
                          {
                            "type": "string"
                          },
                          {
                            "type": "boolean"
                          }
                        ]
                      },
                      "examples": [
                        [
                          140
                        ]
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
                        1,
                        1
                      ],
                      "data": [
                        90
                      ]
                    }
                  ]
                ]
              },
              "outputs": {
                "description": "The tensors that must come out: all of the signature's outputs or some of them.",
                "type": "array",
                "minItems": 1,
                "maxItems": 512,
                "items": {
                  "type": "object",
                  "required": [
                    "name",
                    "datatype",
                    "shape",
                    "data"
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
                      "description": "The size of each dimension.",
                      "type": "array",
                      "maxItems": 8,
                      "items": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 2147483647
                      },
                      "examples": [
                        [
                          1,
                          1
                        ]
                      ]
                    },
                    "data": {
                      "description": "The elements in row-major order, as one flat list; as many as the shape's product.",
                      "type": "array",
                      "maxItems": 65536,
                      "items": {
                        "anyOf": [
                          {
                            "type": "number"
                          },
                          {
                            "type": "string"
                          },
                          {
                            "type": "boolean"
                          }
                        ]
                      },
                      "examples": [
                        [
                          140
                        ]
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
                        1,
                        1
                      ],
                      "data": [
                        0.042
                      ]
                    }
                  ]
                ]
              },
              "tolerance": {
                "description": "How far an answer may be off; either bound suffices.",
                "type": "object",
                "additionalProperties": false,
                "examples": [
                  {
                    "absolute": 0.000001
                  }
                ],
                "properties": {
                  "absolute": {
                    "description": "The greatest difference allowed.",
                    "type": "number",
                    "minimum": 0,
                    "examples": [
                      0.000001
                    ]
                  },
                  "relative": {
                    "description": "The greatest difference allowed, as a share of the expected value.",
                    "type": "number",
                    "minimum": 0,
                    "examples": [
                      0.001
                    ]
                  }
                }
              }
            }
          }
        },
        "quarantine": {
          "description": "Present while the version must not be deployed anywhere.",
          "type": "object",
          "required": [
            "reason"
          ],
          "additionalProperties": false,
          "examples": [
            {
              "reason": "Error rate of 12 % in production.",
              "since": "2026-03-01"
            }
          ],
          "properties": {
            "reason": {
              "description": "Why the version is refused.",
              "type": "string",
              "minLength": 1,
              "maxLength": 2048,
              "examples": [
                "Error rate of 12 % in production."
              ]
            },
            "since": {
              "description": "The day, or the moment in UTC, from which it is refused.",
              "type": "string",
              "pattern": "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z)?$",
              "examples": [
                "2026-03-01",
                "2026-03-01T14:05:00Z"
              ]
            },
            "evidence": {
              "description": "Where the measurements are that condemned it.",
              "type": "string",
              "minLength": 1,
              "maxLength": 2048,
              "examples": [
                "https://git.example.com/registry/pulls/42"
              ]
            }
          }
        }
      }
    }
  }
} as const;
