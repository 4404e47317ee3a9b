import { DecodeError } from "../../core/error.ts";
import { digitsOf } from "./exact_json.ts";

/** Rows of one message at most: a few bytes of it can be a row of some hundred. */
const MAX_MEMBERS = 10_000;

/**
 * The members of an array or object that are a row each, with their names where they have some.
 * @throws {DecodeError} `value` is neither, or has too many
 */
export function membersOf(value: unknown, topic: string): (readonly [name: string | undefined, member: unknown])[] {
  const members = Array.isArray(value)
    ? value.map((member) => [undefined, member] as const)
    : typeof value === "object" && value !== null && digitsOf(value) === undefined
    ? Object.entries(value)
    : undefined;
  if (!members) {
    const message = `Payload of topic ${topic} has neither an array nor an object where its rows are wanted: ` +
      "mend the publisher, or set payload.rows";
    throw new DecodeError("mqtt_no_rows", message);
  }
  if (members.length <= MAX_MEMBERS) return members;
  const message =
    `Payload of topic ${topic} has ${members.length} rows and at most ${MAX_MEMBERS} are taken: publish fewer at once`;
  throw new DecodeError("mqtt_too_many_rows", message);
}
