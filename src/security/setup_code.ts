import { randomInt, timingSafeEqual } from "node:crypto";

/** Without those that look like others. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS = "23456789";

/** The code with which the first administrator is made: `ABCD-2345`. */
export class SetupCode {
  readonly text: string;

  constructor() {
    this.text = `${pick(LETTERS, 4)}-${pick(DIGITS, 4)}`;
  }

  /** Whether it is this code, however it was typed. */
  is(text: string): boolean {
    const [one, other] = [Buffer.from(text.trim().toUpperCase()), Buffer.from(this.text)];
    return one.length === other.length && timingSafeEqual(one, other);
  }
}

function pick(from: string, count: number): string {
  return Array.from({ length: count }, () => from[randomInt(from.length)]).join("");
}
