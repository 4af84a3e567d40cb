// Written by `npm run generate` from schemas/team.schema.json: edit that file instead.

/**
 * People who may approve, with what shows that a review is theirs: accounts on forges and signing keys.
 */
export interface Team {
  /**
   * The manifest language and its version.
   */
  apiVersion: 'switchyard/v1';
  /**
   * Always Team.
   */
  kind: 'Team';
  /**
   * What the team is called and what is known about it.
   */
  metadata: {
    /**
     * The name by which policies ask for the team.
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
   * Who is in the team.
   */
  spec: {
    /**
     * What the team answers for, in a sentence or two.
     */
    description?: string;
    /**
     * The people in the team, and programs that act for it.
     *
     * @minItems 1
     * @maxItems 256
     */
    members: {
      /**
       * The person's name, one in the whole registry. With nothing beside it, it means the member of that name in another team.
       */
      name: string;
      /**
       * The e-mail addresses that the person commits and reviews with; all of them, so that nobody approves their own change under another one.
       *
       * @minItems 1
       * @maxItems 32
       */
      emails?: string[];
      /**
       * The person's account on each forge, by the name of the forge's provider: github, gitlab, gitea.
       */
      accounts?: {
        [k: string]: string | undefined;
      };
      /**
       * The public keys that the person signs with. Never a private one.
       *
       * @minItems 1
       * @maxItems 32
       */
      signingKeys?: (
        | {
            /**
             * An SSH public key as it stands in authorized_keys, without options: its type, the key, and maybe a comment.
             */
            ssh: string;
            /**
             * Patterns of e-mail addresses that it may sign for, as in allowed_signers: `*` and `?` match, a leading `!` excludes. Never more than the member's own addresses, which is the default.
             *
             * @minItems 1
             * @maxItems 32
             */
            principals?: string[];
            /**
             * Patterns of namespaces in which it may sign, as in allowed_signers. Reviews and commits are signed in `git`; by default it may sign in all.
             *
             * @minItems 1
             * @maxItems 16
             */
            namespaces?: string[];
            /**
             * The day (UTC) or the moment from which it counts.
             */
            validAfter?: string;
            /**
             * The day (UTC) or the moment until which it counts; a day is counted to its beginning.
             */
            validBefore?: string;
          }
        | {
            /**
             * An OpenPGP public key in ASCII armor, as `gpg --armor --export` writes it.
             */
            openpgp: string;
            /**
             * The day (UTC) or the moment from which it counts.
             */
            validAfter?: string;
            /**
             * The day (UTC) or the moment until which it counts; a day is counted to its beginning.
             */
            validBefore?: string;
          }
      )[];
      /**
       * Whether this is a program, such as the platform itself. It may author changes; its reviews never count.
       */
      machine?: boolean;
    }[];
    /**
     * SSH keys that certify the keys of this team's members: a certificate counts for the member whose e-mail address is one of its principals.
     *
     * @minItems 1
     * @maxItems 32
     */
    certificateAuthorities?: {
      /**
       * The authority's SSH public key, as it stands in authorized_keys.
       */
      ssh: string;
      /**
       * Patterns of e-mail addresses that it may sign for, as in allowed_signers: `*` and `?` match, a leading `!` excludes. Never more than the member's own addresses, which is the default.
       *
       * @minItems 1
       * @maxItems 32
       */
      principals?: string[];
      /**
       * Patterns of namespaces in which it may sign, as in allowed_signers. Reviews and commits are signed in `git`; by default it may sign in all.
       *
       * @minItems 1
       * @maxItems 16
       */
      namespaces?: string[];
      /**
       * The day (UTC) or the moment from which it counts.
       */
      validAfter?: string;
      /**
       * The day (UTC) or the moment until which it counts; a day is counted to its beginning.
       */
      validBefore?: string;
    }[];
    /**
     * Keys that count nowhere any more, whichever team lists them: SSH public keys or their SHA256 fingerprints, fingerprints of OpenPGP keys.
     *
     * @minItems 1
     * @maxItems 1024
     */
    revokedKeys?: string[];
  };
}

export type TeamSpec = Team['spec'];

export const teamSchema = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Team",
  "description": "People who may approve, with what shows that a review is theirs: accounts on forges and signing keys.",
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
      "description": "Always Team.",
      "const": "Team",
      "examples": [
        "Team"
      ]
    },
    "metadata": {
      "description": "What the team is called and what is known about it.",
      "type": "object",
      "required": [
        "name"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "name": "risk"
        }
      ],
      "properties": {
        "name": {
          "description": "The name by which policies ask for the team.",
          "type": "string",
          "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
          "examples": [
            "risk"
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
      "description": "Who is in the team.",
      "type": "object",
      "required": [
        "members"
      ],
      "additionalProperties": false,
      "examples": [
        {
          "members": [
            {
              "name": "Ada Lovelace",
              "emails": [
                "ada@example.com"
              ],
              "accounts": {
                "github": "ada"
              }
            }
          ]
        }
      ],
      "properties": {
        "description": {
          "description": "What the team answers for, in a sentence or two.",
          "type": "string",
          "minLength": 1,
          "maxLength": 2048,
          "examples": [
            "Judges what a wrong answer would cost."
          ]
        },
        "members": {
          "description": "The people in the team, and programs that act for it.",
          "type": "array",
          "minItems": 1,
          "maxItems": 256,
          "examples": [
            [
              {
                "name": "Ada Lovelace",
                "emails": [
                  "ada@example.com"
                ],
                "accounts": {
                  "github": "ada"
                }
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
                "description": "The person's name, one in the whole registry. With nothing beside it, it means the member of that name in another team.",
                "type": "string",
                "minLength": 1,
                "maxLength": 128,
                "pattern": "^[^\\s,<>\"][^\\r\\n\\t,<>\"]*$",
                "examples": [
                  "Ada Lovelace"
                ]
              },
              "emails": {
                "description": "The e-mail addresses that the person commits and reviews with; all of them, so that nobody approves their own change under another one.",
                "type": "array",
                "minItems": 1,
                "maxItems": 32,
                "items": {
                  "type": "string",
                  "maxLength": 254,
                  "pattern": "^[A-Za-z0-9._%+'-]+(\\[bot\\])?@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"
                },
                "examples": [
                  [
                    "ada@example.com",
                    "ada@users.noreply.github.com"
                  ]
                ]
              },
              "accounts": {
                "description": "The person's account on each forge, by the name of the forge's provider: github, gitlab, gitea.",
                "type": "object",
                "maxProperties": 16,
                "propertyNames": {
                  "type": "string",
                  "maxLength": 63,
                  "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
                },
                "additionalProperties": {
                  "type": "string",
                  "maxLength": 255,
                  "pattern": "^@?[A-Za-z0-9_][A-Za-z0-9_.-]*(\\[bot\\])?$"
                },
                "examples": [
                  {
                    "github": "ada"
                  }
                ]
              },
              "signingKeys": {
                "description": "The public keys that the person signs with. Never a private one.",
                "type": "array",
                "minItems": 1,
                "maxItems": 32,
                "examples": [
                  [
                    {
                      "ssh": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPZKBvMPtPkhUpaljztWIWB178Tca/FJkcmwc7Vg6agc"
                    }
                  ]
                ],
                "items": {
                  "anyOf": [
                    {
                      "type": "object",
                      "required": [
                        "ssh"
                      ],
                      "additionalProperties": false,
                      "properties": {
                        "ssh": {
                          "description": "An SSH public key as it stands in authorized_keys, without options: its type, the key, and maybe a comment.",
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 16384,
                          "examples": [
                            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPZKBvMPtPkhUpaljztWIWB178Tca/FJkcmwc7Vg6agc ada@laptop"
                          ]
                        },
                        "principals": {
                          "description": "Patterns of e-mail addresses that it may sign for, as in allowed_signers: `*` and `?` match, a leading `!` excludes. Never more than the member's own addresses, which is the default.",
                          "type": "array",
                          "minItems": 1,
                          "maxItems": 32,
                          "items": {
                            "type": "string",
                            "maxLength": 254,
                            "pattern": "^!?[^\\s,\"!]+$"
                          },
                          "examples": [
                            [
                              "*@example.com"
                            ]
                          ]
                        },
                        "namespaces": {
                          "description": "Patterns of namespaces in which it may sign, as in allowed_signers. Reviews and commits are signed in `git`; by default it may sign in all.",
                          "type": "array",
                          "minItems": 1,
                          "maxItems": 16,
                          "items": {
                            "type": "string",
                            "maxLength": 128,
                            "pattern": "^!?[^\\s,\"!]+$"
                          },
                          "examples": [
                            [
                              "git"
                            ]
                          ]
                        },
                        "validAfter": {
                          "description": "The day (UTC) or the moment from which it counts.",
                          "type": "string",
                          "pattern": "^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\dZ)?$",
                          "examples": [
                            "2026-01-01"
                          ]
                        },
                        "validBefore": {
                          "description": "The day (UTC) or the moment until which it counts; a day is counted to its beginning.",
                          "type": "string",
                          "pattern": "^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\dZ)?$",
                          "examples": [
                            "2027-01-01T12:00:00Z"
                          ]
                        }
                      }
                    },
                    {
                      "type": "object",
                      "required": [
                        "openpgp"
                      ],
                      "additionalProperties": false,
                      "properties": {
                        "openpgp": {
                          "description": "An OpenPGP public key in ASCII armor, as `gpg --armor --export` writes it.",
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 65536,
                          "examples": [
                            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ…\n-----END PGP PUBLIC KEY BLOCK-----\n"
                          ]
                        },
                        "validAfter": {
                          "description": "The day (UTC) or the moment from which it counts.",
                          "type": "string",
                          "pattern": "^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\dZ)?$",
                          "examples": [
                            "2026-01-01"
                          ]
                        },
                        "validBefore": {
                          "description": "The day (UTC) or the moment until which it counts; a day is counted to its beginning.",
                          "type": "string",
                          "pattern": "^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\dZ)?$",
                          "examples": [
                            "2027-01-01T12:00:00Z"
                          ]
                        }
                      }
                    }
                  ]
                }
              },
              "machine": {
                "description": "Whether this is a program, such as the platform itself. It may author changes; its reviews never count.",
                "type": "boolean",
                "default": false,
                "examples": [
                  true
                ]
              }
            }
          }
        },
        "certificateAuthorities": {
          "description": "SSH keys that certify the keys of this team's members: a certificate counts for the member whose e-mail address is one of its principals.",
          "type": "array",
          "minItems": 1,
          "maxItems": 32,
          "examples": [
            [
              {
                "ssh": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPZKBvMPtPkhUpaljztWIWB178Tca/FJkcmwc7Vg6agc"
              }
            ]
          ],
          "items": {
            "type": "object",
            "required": [
              "ssh"
            ],
            "additionalProperties": false,
            "properties": {
              "ssh": {
                "description": "The authority's SSH public key, as it stands in authorized_keys.",
                "type": "string",
                "minLength": 1,
                "maxLength": 16384,
                "examples": [
                  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPZKBvMPtPkhUpaljztWIWB178Tca/FJkcmwc7Vg6agc ca@example.com"
                ]
              },
              "principals": {
                "description": "Patterns of e-mail addresses that it may sign for, as in allowed_signers: `*` and `?` match, a leading `!` excludes. Never more than the member's own addresses, which is the default.",
                "type": "array",
                "minItems": 1,
                "maxItems": 32,
                "items": {
                  "type": "string",
                  "maxLength": 254,
                  "pattern": "^!?[^\\s,\"!]+$"
                },
                "examples": [
                  [
                    "*@example.com"
                  ]
                ]
              },
              "namespaces": {
                "description": "Patterns of namespaces in which it may sign, as in allowed_signers. Reviews and commits are signed in `git`; by default it may sign in all.",
                "type": "array",
                "minItems": 1,
                "maxItems": 16,
                "items": {
                  "type": "string",
                  "maxLength": 128,
                  "pattern": "^!?[^\\s,\"!]+$"
                },
                "examples": [
                  [
                    "git"
                  ]
                ]
              },
              "validAfter": {
                "description": "The day (UTC) or the moment from which it counts.",
                "type": "string",
                "pattern": "^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\dZ)?$",
                "examples": [
                  "2026-01-01"
                ]
              },
              "validBefore": {
                "description": "The day (UTC) or the moment until which it counts; a day is counted to its beginning.",
                "type": "string",
                "pattern": "^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\dZ)?$",
                "examples": [
                  "2027-01-01T12:00:00Z"
                ]
              }
            }
          }
        },
        "revokedKeys": {
          "description": "Keys that count nowhere any more, whichever team lists them: SSH public keys or their SHA256 fingerprints, fingerprints of OpenPGP keys.",
          "type": "array",
          "minItems": 1,
          "maxItems": 1024,
          "items": {
            "type": "string",
            "minLength": 1,
            "maxLength": 16384
          },
          "examples": [
            [
              "SHA256:/Qprue5oDAXR+z0a4brn6XHcVhnAiUdJTKlcs5kPopI"
            ]
          ]
        }
      }
    }
  }
} as const;
