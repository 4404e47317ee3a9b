/**
 * RC2 (RFC 2268), to open PKCS#12 files that older programs sealed with it: certificates, which are public, in all exports of
 * Windows before 2016 and of OpenSSL before 3. It protects nothing, and nothing is sealed with it here.
 */

const TABLE = Uint8Array.fromHex(
  "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2" +
    "179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82" +
    "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626" +
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7" +
    "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec" +
    "c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731" +
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9" +
    "0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad",
);
const BLOCK = 8;

/** Opens what was sealed in CBC, its padding still there. `bits`: of the key that count. */
export function openRc2(
  sealed: Uint8Array,
  { key, iv, bits }: { key: Uint8Array; iv: Uint8Array; bits: number },
): Uint8Array {
  if (sealed.length % BLOCK !== 0) throw new Error("its length is none of RC2");
  const words = expanded(key, bits);
  const open = new Uint8Array(sealed.length);
  let before = iv;
  for (let at = 0; at < sealed.length; at += BLOCK) {
    const block = sealed.subarray(at, at + BLOCK);
    const plain = openBlock(block, words);
    for (let i = 0; i < BLOCK; i++) open[at + i] = plain[i]! ^ before[i]!;
    before = block;
  }
  return open;
}

/** RFC 2268, 2. */
function expanded(key: Uint8Array, bits: number): Uint16Array {
  const bytes = new Uint8Array(128);
  bytes.set(key);
  for (let i = key.length; i < 128; i++) bytes[i] = TABLE[(bytes[i - 1]! + bytes[i - key.length]!) & 0xff]!;
  const count = Math.ceil(bits / 8);
  bytes[128 - count] = TABLE[bytes[128 - count]! & (0xff >> (8 * count - bits))]!;
  for (let i = 127 - count; i >= 0; i--) bytes[i] = TABLE[bytes[i + 1]! ^ bytes[i + count]!]!;
  return Uint16Array.from({ length: 64 }, (_, i) => bytes[2 * i]! | bytes[2 * i + 1]! << 8);
}

const ROTATIONS = [1, 2, 3, 5] as const;

/** RFC 2268, 4: five rounds of mixing, a mash, six, a mash, five, backwards. */
function openBlock(block: Uint8Array, key: Uint16Array): Uint8Array {
  const r = Uint16Array.from({ length: 4 }, (_, i) => block[2 * i]! | block[2 * i + 1]! << 8);
  let next = 63;
  for (let round = 15; round >= 0; round--) {
    for (let i = 3; i >= 0; i--) {
      const by = ROTATIONS[i]!;
      const turned = r[i]! >> by | r[i]! << (16 - by);
      const [a, b, c] = [r[(i + 3) % 4]!, r[(i + 2) % 4]!, r[(i + 1) % 4]!];
      r[i] = turned - key[next--]! - (a & b) - (~a & c);
    }
    if (round === 11 || round === 5) { for (let i = 3; i >= 0; i--) r[i] = r[i]! - key[r[(i + 3) % 4]! & 63]!; }
  }
  return Uint8Array.from({ length: BLOCK }, (_, i) => r[i >> 1]! >> (8 * (i % 2)));
}
