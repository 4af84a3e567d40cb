/** Every sort of value, comment and nesting that SOPS treats in a way of its own. */
export const awkwardYaml = `# at the head
# in two lines
whole: 1
float: 1.50 # beside a value
yes_no: true
nothing: null
also_nothing: ~
empty: ""
date: 2001-12-14
moment: 2001-12-14t21:59:43.10-05:00
text: "2001-12-14"
quoted: 'yes'
# before a list
list:
  # in a list
  - x # beside an item
  - y
  - y
  - { p: q, r: [1, 2] }
  - # in a map of a list
    deep: z
nested:
  # in a map
  note_unencrypted: plain 7
  number_unencrypted: 0x1F
  pass_word: swordfish
  large: 9007199254740993
  hex: 0x1F
  octal: 0o15
  old_octal: 015
  exponent: 1e21
  small: -0.000001
  underscores: 1_000
  no: no
  lines: |
    line 1
    line 2
  folded: >-
    one
    two
  none: {}
  unsaid:
  no_items: []
unicode: "ß ✓ \\u2028"
colon: "a: b"
number_text: "007"
# at the foot
`;

export const awkwardJson = `{"whole":1,"2":"x","1":"y","float":1.5,"yes_no":true,"nothing":null,"empty":"","text":"2001-12-14",
 "list":[1,"x",{"z":1e22},[],{}],"pass_word":"swordfish","note_unencrypted":"plain","number_unencrypted":1e3,"nested":{"a":{"b":"c"}},"unicode":"\\u2028<&> ß","more":["a","a","b"]}
`;
