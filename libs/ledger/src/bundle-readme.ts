/** `README.txt` of every bundle: how to check it, with Wheelhouse and without. */
export const BUNDLE_README = `This is a bundle: a part of the record of a Wheelhouse installation, exported so that you can check it
without trusting whoever gave it to you, offline, with or without Wheelhouse.

With Wheelhouse

  npx wheelhouse verify THIS_FILE.zip --key VERIFIER_KEY

VERIFIER_KEY is the log's public key, one line of text. Get it from a person whom you trust, once, not from this file:
keys.json says what the key is, but whoever forged a bundle would have forged that as well.

What is in it

  README.txt     this text
  keys.json      the log's key and its witnesses' keys, as C2SP verifier keys (c2sp.org/signed-note)
  heads.jsonl    signed tree heads, one a line, smallest first (c2sp.org/tlog-checkpoint), with their witnesses' cosignatures
                 (c2sp.org/tlog-cosignature). The last one is the head that all entries are proven against
  entries.jsonl  one line for each entry, and between them for each stretch of entries that is not shown, the hashes that
                 stand for it
  manifest.json  what was asked for, what is here, and the length and SHA-256 of each file above
  manifest.sig   the log's signature (a C2SP signed note) over the SHA-256 of manifest.json

By hand

  1. sha256sum README.txt keys.json heads.jsonl entries.jsonl: as manifest.json says. sha256sum manifest.json: as the third
     line of manifest.sig says. Check the signature under it with the log's key; Ed25519, over the three lines.
  2. Check the signature under the last checkpoint of heads.jsonl in the same way. Its second line is the number of entries
     in the log, its third the root hash in base64.
  3. Each line of entries.jsonl with an "index" shows an entry. Its leaf hash is SHA-256 of a zero byte and the text of
     "leaf" exactly as it stands there (RFC 9162, section 2.1.1).
  4. Each item of "opening" is a field. One that is shown, [salt, name, value], has as its commitment the SHA-256 of its text
     exactly as it stands there, in UTF-8, brackets included. One that is withheld is its commitment, in base64. The SHA-256
     of all commitments of the line (32 bytes each, one after the other) is, in base64, the leaf's "fields".
  5. Each line with "from" and "to" stands for the entries from..to-1. Its "nodes" are the roots of the fewest perfect
     subtrees that cover them, left to right.
  6. Fold leaf hashes and nodes, in their order, into a tree (a parent is the SHA-256 of a byte 1 and its two children):
     its root is the root of the last checkpoint. At the size of each earlier checkpoint it is the root of that one.

What it cannot show: that entries which are left out do not matter. A filter was applied by whoever made the export; only a
bundle whose manifest says "complete", from entry 0, holds the whole log up to its head. Withheld fields cannot be guessed.

docs/bundle.md in the source of Wheelhouse has every detail.
`;
