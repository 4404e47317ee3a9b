import { UnreadableValue } from "./unreadable.ts";

/** Of names, topics, units and texts in all rows of one message. */
const MAX_CHARACTERS = 32_000_000;

export interface RoomOptions {
  /** Of a message, members of templates among them. */
  readonly maxMetrics: number;
  /** Metrics that the message has outside templates. */
  readonly metrics: number;
  /** Characters that each of its rows has, whatever its metric. */
  readonly perRow: number;
}

/** Where text is made of a few bytes: what is too much is refused before. */
export type TextRoom = Pick<Room, "takeText">;

/**
 * What the rows of one message may take. A few bytes of a payload can become long: members of a template have its name
 * too, and every row has the topic. What is counted is counted before it is made.
 */
export class Room {
  readonly #options: RoomOptions;
  #metrics: number;
  #characters = 0;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#metrics = options.metrics;
  }

  /** One more member of a template. @throws {UnreadableValue} */
  takeMember(): void {
    const { maxMetrics } = this.#options;
    if (++this.#metrics <= maxMetrics) return;
    throw new UnreadableValue(
      `members by which its message has more than ${maxMetrics} metrics (sparkplug.max_metrics)`,
    );
  }

  /** One more row. @throws {UnreadableValue} */
  takeRow(name: string, unit: string | undefined, status: string | undefined): void {
    this.takeText(this.#options.perRow + name.length + (unit?.length ?? 0) + (status?.length ?? 0));
  }

  /** Text of a row. What is refused takes nothing from those after it. @throws {UnreadableValue} */
  takeText(characters: number): void {
    if (this.#characters + characters > MAX_CHARACTERS) {
      throw new UnreadableValue(`more text than one message may become: ${MAX_CHARACTERS} characters in all its rows`);
    }
    this.#characters += characters;
  }
}
