/** What is in a support bundle: how a connector is set up and how it stands; no secrets, no readings. */
import { effectiveYaml, hidePassword } from "../config/mod.ts";
import { reasonOf } from "../core/error.ts";
import { infoOf, linkFree } from "../core/home_file.ts";
import { VERSION } from "../lib/version.ts";
import { freeDiskBytes } from "../service/free_disk.ts";
import { spoolStat } from "../service/spool_admin.ts";
import type { Workplace } from "../service/workplace.ts";
import type { BundleTexts } from "./bundle_file.ts";
import { hiding } from "./hidden.ts";

/** Of the log's newest file. */
const MAX_LOG_BYTES = 2 * 1024 * 1024;
/** Of any other text. */
const MAX_CHARS = 1024 * 1024;
const MAX_ENTRIES = 1000;
/** A code that makes an administrator stands in the log of a new home. */
const SETUP_CODE = /setup.code/i;
const NEVER = [
  "secrets and keys",
  "readings, rows and the payloads of dead letters",
  "users, tokens, sessions and the audit",
  "former log files, and lines with a setup code",
];

/** One text of a bundle. */
export interface BundlePart {
  readonly name: string;
  readonly about: string;
  text(place: Workplace): string | Promise<string>;
}

const PARTS: readonly BundlePart[] = [
  {
    name: "configuration.yaml",
    about: "the configuration as it takes effect, secrets are ***",
    text: ({ loaded }) => effectiveYaml(loaded.config),
  },
  { name: "log.txt", about: "the last lines of the log file, 2 MB at most", text: (place) => logTail(place) },
  {
    name: "spool.json",
    about: "what waits in the spool, and the ledger: numbers only",
    text: async (place) => json(spoolStat(await place.desk(), place.loaded.config)),
  },
  { name: "host.json", about: "versions, memory of the process, room on the disk", text: (place) => hostFacts(place) },
  {
    name: "files.json",
    about: "files of the home directory: size, permissions, owner",
    text: ({ home }) => fileList(home),
  },
];

/**
 * Gathers it. What cannot be had is named in `manifest.json` with the reason, and keeps nothing else out. `more`: what a
 * connector that runs knows beyond its files; a part of it takes the place of one with its name.
 */
export async function bundleContents(
  place: Workplace,
  nowUs: number,
  more: readonly BundlePart[] = [],
): Promise<BundleTexts> {
  const parts = [...PARTS.filter(({ name }) => !more.some((each) => each.name === name)), ...more];
  const { config, sources } = place.loaded;
  const { hide, tooShort } = hiding(config, sources.map((source) => source.config));
  const texts: Record<string, string> = {};
  const missing: Record<string, string> = {};
  for (const part of parts) {
    try {
      const text = hidePassword(hide(withoutSetupCode(await part.text(place))));
      const limit = part.name === "log.txt" ? Infinity : MAX_CHARS;
      texts[part.name] = text.length > limit ? `${text.slice(0, limit)}\n(the rest is left out)\n` : text;
    } catch (error) {
      missing[part.name] = hidePassword(hide(reasonOf(error)));
    }
  }
  const about = parts.filter(({ name }) => name in texts).map(({ name, about }) => [name, about]);
  const manifest = {
    made: new Date(nowUs / 1000),
    version: VERSION,
    files: Object.fromEntries(about),
    missing,
    never: NEVER,
    secrets_too_short_to_be_looked_for: tooShort,
  };
  return { "manifest.json": json(manifest), ...texts };
}

async function logTail({ home, loaded }: Workplace): Promise<string> {
  const { file_path: path, output } = loaded.config.monitoring.logging;
  if (output === "stdout") throw new Error("the log goes to standard output only: monitoring.logging.output");
  using file = await Deno.open(linkFree(home, `${home}/${path}`));
  const from = Math.max(0, (await file.stat()).size - MAX_LOG_BYTES);
  await file.seek(from, Deno.SeekMode.Start);
  const bytes = new Uint8Array(MAX_LOG_BYTES);
  let length = 0;
  for (let count: number | null = 0; count !== null && length < bytes.length; length += count ?? 0) {
    count = await file.read(bytes.subarray(length));
  }
  const lines = new TextDecoder().decode(bytes.subarray(0, length)).split("\n");
  if (from > 0) lines.shift(); // it begins in the middle, perhaps of a secret
  return lines.join("\n");
}

/** What the sandbox lets through: it hides the release of the system, its load and its memory. */
async function hostFacts({ home }: Workplace): Promise<string> {
  return json({
    version: VERSION,
    deno: Deno.version,
    build: Deno.build,
    process_memory: Deno.memoryUsage(),
    disk_free_bytes: await freeDiskBytes(home) ?? null,
  });
}

/** Folders may be large: what is beyond the bound is not looked at. */
async function fileList(home: string): Promise<string> {
  const files: unknown[] = [];
  const unreadable: string[] = [];
  const folders = [""];
  for (let folder = folders.shift(); folder !== undefined && files.length < MAX_ENTRIES; folder = folders.shift()) {
    try {
      for await (const { name, isDirectory } of Deno.readDir(`${home}/${folder}`)) {
        if (files.length >= MAX_ENTRIES) break;
        const path = `${folder}${name}`;
        const info = infoOf(`${home}/${path}`);
        if (info) files.push(shownFile(path, info));
        if (isDirectory) folders.push(`${path}/`);
      }
    } catch {
      unreadable.push(folder); // it went meanwhile, or is another user's
    }
  }
  return json({ files, unreadable, is_cut: files.length >= MAX_ENTRIES });
}

function shownFile(path: string, { size, mode, uid, gid, mtime }: Deno.FileInfo): unknown {
  return { path, size, mode: ((mode ?? 0) & 0o7777).toString(8), uid, gid, mtime };
}

function withoutSetupCode(text: string): string {
  return text.split("\n").filter((line) => !SETUP_CODE.test(line)).join("\n");
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
