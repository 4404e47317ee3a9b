import assert from "node:assert/strict";
import { ConfigError } from "../core/error.ts";
import { PasswordWork } from "./password_work.ts";
import { openedKey, readPkcs12 } from "./pkcs12.ts";

/** A value in DER: its tag, its length, what is in it. */
function der(tag: number, ...content: (Uint8Array | number)[]): Uint8Array {
  const bytes = content.flatMap((part) => typeof part === "number" ? [part] : [...part]);
  const { length } = bytes;
  return Uint8Array.of(tag, ...length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff], ...bytes);
}

const SEQUENCE = 0x30;
const SHA1 = der(SEQUENCE, der(6, 0x2b, 0x0e, 0x03, 0x02, 0x1a));
const DATA = der(6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01);
const SEALED = der(6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06);
/** Triple DES with SHA-1, of a key in three digests and an initial vector in one. */
const OLD = der(6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x03);
const PBES2 = der(6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d);
const PBKDF2 = der(6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c);
const AES256 = der(6, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a);
const SALT = der(4, ...new Uint8Array(8));
const NOTHING = der(SEQUENCE);

function count(number: number): Uint8Array {
  return der(2, number >> 24 & 0xff, number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff);
}

/** A PKCS#12 file with these parts, and with a MAC where one is given. */
function fileOf(parts: Uint8Array, mac: Uint8Array = new Uint8Array()): Uint8Array {
  return der(SEQUENCE, der(2, 3), der(SEQUENCE, DATA, der(0xa0, der(4, parts))), mac);
}

function macOf(digest: Uint8Array, rounds: number): Uint8Array {
  return der(SEQUENCE, der(SEQUENCE, SHA1, der(4, ...digest)), SALT, count(rounds));
}

function sealedPart(algorithm: Uint8Array): Uint8Array {
  const content = der(SEQUENCE, DATA, algorithm, der(0x80, ...new Uint8Array(8)));
  return der(SEQUENCE, SEALED, der(0xa0, der(SEQUENCE, der(2, 0), content)));
}

function oldWay(rounds: number, salt: Uint8Array = SALT): Uint8Array {
  return der(SEQUENCE, OLD, der(SEQUENCE, salt, count(rounds)));
}

function newWay(rounds: number): Uint8Array {
  const derivation = der(SEQUENCE, PBKDF2, der(SEQUENCE, SALT, count(rounds)));
  return der(SEQUENCE, PBES2, der(SEQUENCE, derivation, der(SEQUENCE, AES256, der(4, ...new Uint8Array(16)))));
}

const REFUSED: readonly (readonly [name: string, file: Uint8Array, why: RegExp])[] = [
  [
    "a MAC longer than its hash, of which each 20 bytes would take all rounds",
    fileOf(NOTHING, macOf(new Uint8Array(160), 200_000)),
    /its MAC has 160 bytes/,
  ],
  [
    "a MAC of more rounds than anybody makes",
    fileOf(NOTHING, macOf(new Uint8Array(20), 2 ** 31 - 1)),
    /2147483647 rounds/,
  ],
  ["no round at all", fileOf(NOTHING, macOf(new Uint8Array(20), 0)), /would take 0 rounds/],
  [
    "an old key of too many rounds",
    fileOf(der(SEQUENCE, sealedPart(oldWay(200_001)))),
    /would take 400002 rounds/,
  ],
  ["a new key of too many rounds", fileOf(der(SEQUENCE, sealedPart(newWay(3_000_001)))), /would take 3000001 rounds/],
  [
    "a salt that fills a file",
    fileOf(der(SEQUENCE, sealedPart(oldWay(1, der(4, ...new Uint8Array(1025)))))),
    /salt has 1025/,
  ],
  ["more parts than anybody has", fileOf(der(SEQUENCE, ...Array(51).fill(NOTHING))), /more than 50 parts/],
  [
    "more bags than anybody has",
    fileOf(der(SEQUENCE, der(SEQUENCE, DATA, der(0xa0, der(4, der(SEQUENCE, ...Array(51).fill(otherBag()))))))),
    /more than 50 parts/,
  ],
];

function otherBag(): Uint8Array {
  return der(SEQUENCE, DATA, der(0xa0, NOTHING));
}

for (const [name, file, why] of REFUSED) {
  Deno.test(`readPkcs12() refuses ${name}, before it is counted through`, async () => {
    await assert.rejects(readPkcs12(file, "x", new PasswordWork()), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.code, "pkcs12_unreadable");
      assert.match(error.message, why);
      return true;
    });
  });
}

Deno.test("All keys of a file have one limit of rounds together", async () => {
  const work = new PasswordWork();
  const key = der(SEQUENCE, newWay(2_999_990), der(4, ...new Uint8Array(16)));
  work.takeRounds(100);
  await assert.rejects(openedKey(key, "x", work), /passwords would take 3000090 rounds, and 3000000 are the most/);
});

Deno.test("Rounds that we count ourselves let others have their turn, and end with whoever asked", async () => {
  const asked = new AbortController();
  const file = fileOf(NOTHING, macOf(new Uint8Array(20), 400_000));
  setTimeout(() => asked.abort(new Error("gone")), 0);
  await assert.rejects(readPkcs12(file, "x", new PasswordWork(asked.signal)), /^Error: gone$/);
});
