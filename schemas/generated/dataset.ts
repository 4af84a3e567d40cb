// Written by `npm run generate` from schemas/dataset.schema.json: edit that file instead.

/**
 * Data that models are trained and measured on: its versions, and what its columns promise.
 */
export interface Dataset {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always Dataset.
   */
  kind: 'Dataset';
  /**
   * What the dataset is called and what is known about it.
   */
  metadata: {
    /**
     * The dataset's name: lower-case letters, digits and hyphens.
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
   * The dataset's versions and columns.
   */
  spec: {
    /**
     * What the data is, in a sentence or two.
     */
    description: string;
    /**
     * The licence of the data: an SPDX identifier or a sentence.
     */
    license?: string;
    /**
     * Where the data comes from.
     */
    source?: string;
    /**
     * The versions of the data; a version never changes once it is used.
     *
     * @minItems 1
     * @maxItems 1024
     */
    versions: {
      /**
       * The version's name, unique in this dataset.
       */
      version: string;
      /**
       * Where the bytes are: `file:` and a path relative to this manifest (or, with a leading slash, to the registry's root), an http(s) URL without credentials, or `s3://`, a bucket and a key.
       */
      uri: string;
      /**
       * The SHA-256 of the file, in hexadecimal, after `sha256:`.
       */
      digest: string;
      /**
       * How many rows it has, without a header.
       */
      rows: number;
      /**
       * The file's size in bytes.
       */
      size: number;
      /**
       * The profile of this version, or of those of its rows that models are trained on: what current data is compared with. `switchyard profile data` makes it.
       */
      profile?: {
        /**
         * Where its file is: relative to this manifest, or with a leading slash to the registry's root.
         */
        path: string;
        /**
         * The SHA-256 of that file, in hexadecimal, after `sha256:`.
         */
        digest: string;
      };
    }[];
    /**
     * What data of this dataset promises as a whole, today's as well as the versions.
     */
    expectations?: {
      /**
       * How many rows there are at least and at most.
       */
      rows?: {
        /**
         * The least rows expected.
         */
        min?: number;
        /**
         * The most rows expected.
         */
        max?: number;
      };
      /**
       * How old the newest row may be.
       */
      freshness?: {
        /**
         * The column of dates that says how old a row is.
         */
        column: string;
        /**
         * The greatest age of the newest row.
         */
        maxAge: string;
      };
    };
    /**
     * The columns, and what their values promise.
     *
     * @minItems 1
     * @maxItems 4096
     */
    columns: {
      /**
       * The column's name, as its header says it.
       */
      name: string;
      /**
       * The type of its values.
       */
      type: 'string' | 'number' | 'integer' | 'boolean' | 'date';
      /**
       * What the column means: its unit, its source.
       */
      description?: string;
      /**
       * Whether a value may be missing.
       */
      nullable?: boolean;
      /**
       * The most rows without a value, in percent of all; for nullable columns only.
       */
      maxMissing?: number;
      /**
       * Whether no value may stand twice.
       */
      unique?: boolean;
      /**
       * The least value expected; for numbers only.
       */
      min?: number;
      /**
       * The greatest value expected; for numbers only.
       */
      max?: number;
      /**
       * The only values expected; for strings only.
       *
       * @minItems 1
       * @maxItems 4096
       */
      categories?: string[];
    }[];
  };
}

export type DatasetSpec = Dataset['spec'];

export const datasetSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Dataset",
  "description": "Data that models are trained and measured on: its versions, and what its columns promise.",
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
      "description": "Always Dataset.",
      "const": "Dataset",
      "examples": [
        "Dataset"
      ]
    },
    "metadata": {
      "description": "What the dataset is called and what is known about it.",
      "type": "object",
      "required": [
        "name"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "name": "bird-strikes"
        }
      ],
      "properties": {
        "name": {
          "description": "The dataset's name: lower-case letters, digits and hyphens.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "bird-strikes"
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
      "description": "The dataset's versions and columns.",
      "type": "object",
      "required": [
        "description",
        "versions",
        "columns"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "description": "Bird strikes reported to the FAA.",
          "versions": [
            {
              "version": "1990-1994",
              "uri": "file:bird-strikes-1990-1994.csv",
              "digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
              "rows": 2871,
              "size": 241733
            }
          ],
          "columns": [
            {
              "name": "speed",
              "type": "number",
              "nullable": true
            }
          ]
        }
      ],
      "properties": {
        "description": {
          "description": "What the data is, in a sentence or two.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2048,
          "examples": [
            "Bird strikes reported to the FAA."
          ]
        },
        "license": {
          "description": "The licence of the data: an SPDX identifier or a sentence.",
          "type": "string",
          "minLength": 1,
          "maxLength": 256,
          "examples": [
            "CC0-1.0"
          ]
        },
        "source": {
          "description": "Where the data comes from.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2048,
          "examples": [
            "https://wildlife.faa.gov"
          ]
        },
        "versions": {
          "description": "The versions of the data; a version never changes once it is used.",
          "type": "array",
          "minItems": 1,
          "maxItems": 1024,
          "examples": [
            [
              {
                "version": "1990-1994",
                "uri": "file:bird-strikes-1990-1994.csv",
                "digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "rows": 2871,
                "size": 241733
              }
            ]
          ],
          "items": {
            "type": "object",
            "required": [
              "version",
              "uri",
              "digest",
              "rows",
              "size"
            ],
            "additionalProperties": false,
            "properties": {
              "version": {
                "description": "The version's name, unique in this dataset.",
                "type": "string",
                "pattern": "^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
                "examples": [
                  "1990-1994"
                ]
              },
              "uri": {
                "description": "Where the bytes are: `file:` and a path relative to this manifest (or, with a leading slash, to the registry's root), an http(s) URL without credentials, or `s3://`, a bucket and a key.",
                "type": "string",
                "maxLength": 2048,
                "pattern": "^[a-z][a-z0-9+.-]*:[^\\s]+$",
                "examples": [
                  "file:bird-strikes-1990-1994.csv"
                ]
              },
              "digest": {
                "description": "The SHA-256 of the file, in hexadecimal, after `sha256:`.",
                "type": "string",
                "pattern": "^sha256:[0-9a-f]{64}$",
                "examples": [
                  "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                ]
              },
              "rows": {
                "description": "How many rows it has, without a header.",
                "type": "integer",
                "minimum": 0,
                "maximum": 9007199254740991,
                "examples": [
                  2871
                ]
              },
              "size": {
                "description": "The file's size in bytes.",
                "type": "integer",
                "minimum": 1,
                "maximum": 1099511627776,
                "examples": [
                  241733
                ]
              },
              "profile": {
                "description": "The profile of this version, or of those of its rows that models are trained on: what current data is compared with. `switchyard profile data` makes it.",
                "type": "object",
                "required": [
                  "path",
                  "digest"
                ],
                "additionalProperties": false,
                "examples": [
                  {
                    "path": "profiles/bird-strikes@1990-1994.json",
                    "digest": "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
                  }
                ],
                "properties": {
                  "path": {
                    "description": "Where its file is: relative to this manifest, or with a leading slash to the registry's root.",
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1024,
                    "examples": [
                      "profiles/bird-strikes@1990-1994.json"
                    ]
                  },
                  "digest": {
                    "description": "The SHA-256 of that file, in hexadecimal, after `sha256:`.",
                    "type": "string",
                    "pattern": "^sha256:[0-9a-f]{64}$",
                    "examples": [
                      "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                    ]
                  }
                }
              }
            }
          }
        },
        "expectations": {
          "description": "What data of this dataset promises as a whole, today's as well as the versions.",
          "type": "object",
          "minProperties": 1,
          "additionalProperties": false,
          "examples": [
            {
              "rows": {
                "min": 500
              },
              "freshness": {
                "column": "flight_date",
                "maxAge": "2d"
              }
            }
          ],
          "properties": {
            "rows": {
              "description": "How many rows there are at least and at most.",
              "type": "object",
              "minProperties": 1,
              "additionalProperties": false,
              "examples": [
                {
                  "min": 500,
                  "max": 100000
                }
              ],
              "properties": {
                "min": {
                  "description": "The least rows expected.",
                  "type": "integer",
                  "minimum": 0,
                  "maximum": 9007199254740991,
                  "examples": [
                    500
                  ]
                },
                "max": {
                  "description": "The most rows expected.",
                  "type": "integer",
                  "minimum": 0,
                  "maximum": 9007199254740991,
                  "examples": [
                    100000
                  ]
                }
              }
            },
            "freshness": {
              "description": "How old the newest row may be.",
              "type": "object",
              "required": [
                "column",
                "maxAge"
              ],
              "additionalProperties": false,
              "examples": [
                {
                  "column": "flight_date",
                  "maxAge": "2d"
                }
              ],
              "properties": {
                "column": {
                  "description": "The column of dates that says how old a row is.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "examples": [
                    "flight_date"
                  ]
                },
                "maxAge": {
                  "description": "The greatest age of the newest row.",
                  "type": "string",
                  "pattern": "^\\d{1,9}(ms|s|m|h|d)$",
                  "examples": [
                    "2d"
                  ]
                }
              }
            }
          }
        },
        "columns": {
          "description": "The columns, and what their values promise.",
          "type": "array",
          "minItems": 1,
          "maxItems": 4096,
          "examples": [
            [
              {
                "name": "speed",
                "type": "number",
                "nullable": true,
                "min": 0
              }
            ]
          ],
          "items": {
            "type": "object",
            "required": [
              "name",
              "type"
            ],
            "additionalProperties": false,
            "properties": {
              "name": {
                "description": "The column's name, as its header says it.",
                "type": "string",
                "minLength": 1,
                "maxLength": 256,
                "examples": [
                  "speed"
                ]
              },
              "type": {
                "description": "The type of its values.",
                "type": "string",
                "enum": [
                  "string",
                  "number",
                  "integer",
                  "boolean",
                  "date"
                ],
                "examples": [
                  "number"
                ]
              },
              "description": {
                "description": "What the column means: its unit, its source.",
                "type": "string",
                "maxLength": 1024,
                "examples": [
                  "Indicated airspeed in knots."
                ]
              },
              "nullable": {
                "description": "Whether a value may be missing.",
                "type": "boolean",
                "default": false,
                "examples": [
                  true
                ]
              },
              "maxMissing": {
                "description": "The most rows without a value, in percent of all; for nullable columns only.",
                "type": "number",
                "minimum": 0,
                "maximum": 100,
                "examples": [
                  25
                ]
              },
              "unique": {
                "description": "Whether no value may stand twice.",
                "type": "boolean",
                "default": false,
                "examples": [
                  true
                ]
              },
              "min": {
                "description": "The least value expected; for numbers only.",
                "type": "number",
                "examples": [
                  0
                ]
              },
              "max": {
                "description": "The greatest value expected; for numbers only.",
                "type": "number",
                "examples": [
                  400
                ]
              },
              "categories": {
                "description": "The only values expected; for strings only.",
                "type": "array",
                "minItems": 1,
                "maxItems": 4096,
                "uniqueItems": true,
                "items": {
                  "type": "string",
                  "maxLength": 256
                },
                "examples": [
                  [
                    "Day",
                    "Dusk",
                    "Dawn",
                    "Night"
                  ]
                ]
              }
            }
          }
        }
      }
    }
  }
} as const;
