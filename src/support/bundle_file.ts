/**
 * The file of a support bundle: a line of JSON that says how its key is made, and one frame, sealed (see
 * src/buffer/spool/seal.ts) under the name `support/<id>`. In it is JSON: texts by file name.
 */
import { isKeyHead, type KeyHead, newKey, oldKey, type Opening, type Sealing } from "../backup/mod.ts";
import { Sealer } from "../buffer/spool/seal.ts";
import { ConfigError, EdgeError, reasonOf } from "../core/error.ts";
import { infoOf } from "../core/home_file.ts";
import { FramedFileReader, FramedFileWriter } from "../lib/framed_file.ts";

const FORMAT = "iot-connector support bundle";
const VERSION = 1;
const LIMITS = { maxLineBytes: 4096, maxFrameBytes: 16 * 1024 * 1024 };
const FILE_NAME = /^[a-z]{1,30}\.[a-z]{1,8}$/;

/** Texts by file name. */
export type BundleTexts = Readonly<Record<string, string>>;

/** @throws {ConfigError} when it cannot be sealed so, there is such a file, or it cannot be written */
export async function writeBundle(path: string, texts: BundleTexts, sealing: Sealing): Promise<void> {
  const { line, frame } = await sealedTexts(texts, sealing);
  try {
    if (infoOf(path)) throw new Error("there is such a file already: name another");
    using file = FramedFileWriter.create(path, line);
    file.add(frame);
    file.finish();
  } catch (error) {
    const message = `Cannot write the support bundle to ${path}: ${reasonOf(error)}`;
    throw new ConfigError("bundle_failed", message, { cause: error });
  }
}

/** The bytes of such a file. @throws {ConfigError} when it cannot be sealed so */
export async function sealedBundle(texts: BundleTexts, sealing: Sealing): Promise<Uint8Array<ArrayBuffer>> {
  const { line, frame } = await sealedTexts(texts, sealing);
  return framedBytes(line, frame);
}

async function sealedTexts(texts: BundleTexts, sealing: Sealing): Promise<{ line: string; frame: Uint8Array }> {
  const { head: key, key: secret } = await newKey(sealing);
  const sealer = await Sealer.open(secret, { isCompressed: true });
  const id = crypto.getRandomValues(new Uint8Array(16)).toHex();
  const sealed = await sealer.seal(`support/${id}`, new TextEncoder().encode(JSON.stringify(texts)));
  return { line: JSON.stringify({ format: FORMAT, version: VERSION, id, key }), frame: sealed };
}

/** As `FramedFileWriter` writes it. */
function framedBytes(line: string, frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${line}\n`);
  const bytes = new Uint8Array(head.length + 4 + frame.length);
  bytes.set(head);
  new DataView(bytes.buffer).setUint32(head.length, frame.length, true);
  bytes.set(frame, head.length + 4);
  return bytes;
}

/** @throws {ConfigError} when it is no bundle, was changed, or was sealed for somebody else */
export async function readBundle(path: string, opening: Opening): Promise<BundleTexts> {
  try {
    using file = FramedFileReader.open(path, LIMITS);
    const { id, key } = headIn(file.line);
    const sealer = await Sealer.open(await oldKey(key, opening), { isCompressed: true });
    const plain = await sealer.open(`support/${id}`, file.next());
    return textsIn(JSON.parse(new TextDecoder().decode(plain)));
  } catch (error) {
    if (error instanceof EdgeError) throw error;
    const reason = `${reasonOf(error)}. The passphrase or key is another, or the file was changed on its way`;
    throw new ConfigError("bundle_failed", `Cannot open the support bundle ${path}: ${reason}`, { cause: error });
  }
}

function headIn(line: string): { readonly id: string; readonly key: KeyHead } {
  const { format, version, id, key } = JSON.parse(line || "{}");
  if (format !== FORMAT) throw new Error("it is no file that `support-bundle` made");
  if (version !== VERSION) throw new Error("a newer connector made it: use that version");
  if (!/^[0-9a-f]{32}$/.test(id) || !isKeyHead(key)) throw new Error("its first line was changed");
  return { id, key };
}

/** Who sealed it may be anybody: a name leads nowhere but to a file of the folder that it is opened into. */
function textsIn(value: unknown): BundleTexts {
  const entries = Object.entries(value ?? {});
  if (!entries.every(([name, text]) => FILE_NAME.test(name) && typeof text === "string")) {
    throw new Error("what is in it is no list of texts");
  }
  return Object.fromEntries(entries);
}
