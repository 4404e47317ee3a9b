/** How dead letters become rows again. */
import { type BronzeMessage, decodeRow, encodeRow, messageNamed, MESSAGES } from "../bronze/mod.ts";
import type { DeadLetter, Payload } from "../buffer/dead_letters.ts";
import type { Replacement, SpoolTools } from "../buffer/spool/mod.ts";
import type { LoadedConfig, SourceEntry } from "../config/mod.ts";
import { ConfigError, DecodeError } from "../core/error.ts";
import { laneNamed, laneTo } from "../core/lane.ts";
import type { Reading, Stamp } from "../core/reading.ts";
import { type Columns, type LetterEdit, withColumns } from "./letter_edit.ts";
import { rowFaultOf } from "./row_fault.ts";

/** The sources as they are configured now. */
export type ReplaySources = Pick<LoadedConfig, "config" | "sources">;

export interface ReplayOptions {
  /** Undefined: the letter goes as it is. */
  readonly edit: LetterEdit | undefined;
  readonly sources: ReplaySources;
}

/**
 * Puts a dead letter back into its lane. A row goes as it is, with its identity, or changed, with a new one; a message is
 * decoded again with its source's present settings. Says how many rows it became; where it throws, the letter stays.
 * @throws {ConfigError} when it cannot become a row, saying what can be done @throws {DecodeError} when its message still
 * cannot be decoded @throws {SpoolFullError}
 */
export async function replayLetter(tools: SpoolTools, id: number, { edit, sources }: ReplayOptions): Promise<number> {
  const found = await tools.letter(id);
  if (!found) {
    throw new ConfigError("no_dead_letter", `There is no dead letter ${id}: \`dlq list\` shows which there are`);
  }
  if (!found.letter) {
    throw refused("letter_unreadable", id, "it cannot be read: it was changed, or the disk is damaged");
  }
  return await tools.replay(id, replacementFor(found.letter, { edit, sources }));
}

/** Undefined where the letter's row goes as it is. */
function replacementFor(letter: DeadLetter, { edit, sources }: ReplayOptions): Replacement | undefined {
  const { content, id } = letter;
  if ("row" in content) {
    if (!edit) return undefined;
    const { message } = laneNamed(content.row.lane);
    return changedRow(letter, { message, bytes: content.row.bytes, edit, sources });
  }
  const lost = LOST[letter.code];
  if (lost !== undefined) throw refused("no_message", id, `${lost}. ${PURGE}`);
  if (content.isCut && !(edit && "payload" in edit)) {
    throw refused("letter_cut", id, `only the beginning of its content was kept. ${PURGE}`);
  }
  const { message, payload: bytes } = content;
  if (message !== undefined) return changedRow(letter, { message, bytes, edit: edit ?? { set: {} }, sources });
  return decodedAgain(letter, content, { edit, sources });
}

/** By code, what a letter holds that is neither a device's message nor a row. */
const LOST: Readonly<Record<string, string>> = {
  encode_failed: "its reading is kept in words, not as the device's message",
  record_too_large: "it holds the beginning of a row that is too large, not the device's message",
};
const PURGE = "Only the device can say it again; purge the letter when nobody needs it";

interface ChangedRow extends ReplayOptions {
  /** Name of the bronze message. */
  readonly message: string;
  readonly bytes: Uint8Array;
  readonly edit: LetterEdit;
}

/** A row that was read back into its columns. */
interface ColumnReading extends Reading {
  readonly columns: Columns;
}

function changedRow(letter: DeadLetter, { message: name, bytes, edit, sources }: ChangedRow): Replacement {
  const { id, source, tag, table } = letter;
  if ("payload" in edit) throw refused("letter_edit", id, "it holds a row and no message: change its columns");
  if (!MESSAGES.some((each) => each.name === name)) {
    throw refused("unknown_message", id, `this version knows no rows ${name}: start the version that made it`);
  }
  const message = messageNamed(name);
  const columns = withColumns(message, decodeRow(message, bytes), edit.set);
  const reading: ColumnReading = { tag, eventTimeUs: Number(columns.event_time ?? letter.time), columns };
  const fault = sources.sources.some(({ config }) => config.name === source)
    ? rowFaultOf({ message: name }, sources.config)
    : undefined;
  return { route: { source, lane: laneTo(table, name), encode: columnEncoder(message), fault }, readings: [reading] };
}

/** Writes columns as they are, with a stamp of their own. */
function columnEncoder(message: BronzeMessage<never>): (reading: Reading, stamp: Stamp) => Uint8Array {
  // Columns that `decodeRow` read of this message, or `withColumns` parsed for it, are a row of it.
  const known = message as BronzeMessage<Columns>;
  return (reading, { edgeId, bootEpoch, seq, ingestTimeUs }) => {
    const { columns } = reading as ColumnReading; // it encodes those that stand beside it in the replacement
    const stamp = { edge_id: edgeId, boot_epoch: bootEpoch, seq, ingest_time: ingestTimeUs };
    return encodeRow(known, { ...columns, ...stamp });
  };
}

function decodedAgain(letter: DeadLetter, content: Payload, { edit, sources }: ReplayOptions): Replacement {
  const { id, source, tag, table, time: timeUs } = letter;
  if (edit && "set" in edit) throw refused("letter_edit", id, "it holds a message and no row: change its payload");
  const { spec, config } = entryOf(letter, sources);
  const decode = spec.decodeAgain?.(config);
  if (!decode) throw refused("not_decodable", id, `what ${spec.type} sources read is no message by itself. ${PURGE}`);
  const readings = decodeOrExplain(id, () => decode({ tag, payload: edit?.payload ?? content.payload, timeUs }));
  if (readings.length === 0) throw refused("nothing_decoded", id, `no reading comes of it. ${PURGE}`);
  const lane = laneTo(table, spec.message);
  const fault = rowFaultOf(spec, sources.config);
  return { route: { source, lane, encode: spec.encoder(config), fault }, readings };
}

function entryOf({ id, source }: DeadLetter, { sources }: ReplaySources): SourceEntry {
  const entry = sources.find(({ config }) => config.name === source);
  if (entry) return entry;
  const advice = "configure it again (enabled: false will do), or purge the letter";
  throw refused("source_unknown", id, `its source ${source} is not configured any more: ${advice}`);
}

function decodeOrExplain<T>(id: number, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const text = `Dead letter ${id} stays, since it cannot be decoded now either: ${error.message}`;
    throw new DecodeError(error.code, text, { cause: error });
  }
}

function refused(code: string, id: number, why: string): ConfigError {
  return new ConfigError(code, `Dead letter ${id} cannot be replayed: ${why}`);
}
