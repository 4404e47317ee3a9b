import assert from "node:assert/strict";
import { about, ago, bytes, duration, number, roughly } from "./format.ts";

const NOW = Date.UTC(2026, 0, 1, 12);
const before = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

const SHOWN: readonly [given: string, shown: string, wanted: string][] = [
  ["a large number", number(12_345.6), "12,346"],
  ["a small number", number(0.44), "0.4"],
  ["no bytes", bytes(0), "0 B"],
  ["some bytes", bytes(1_540_000), "1.5 MB"],
  ["very many bytes", bytes(5e16), "50,000 TB"],
  ["seconds", duration(59.4), "59 s"],
  ["minutes", duration(119), "1 min"],
  ["hours", duration(7500), "2 h 5 min"],
  ["days", duration(90_000), "1 d 1 h"],
  ["a very short estimate", about(59), "under a minute"],
  ["an estimate of minutes", about(9.4 * 60), "about 9 min"],
  ["an estimate of many minutes", about(33 * 60), "about 35 min"],
  ["an estimate of nearly an hour", about(58 * 60), "about 1 h"],
  ["an estimate of hours", about(9340), "about 2.5 h"],
  ["an estimate of many hours", about(30.4 * 3600), "about 30 h"],
  ["an estimate of days", about(5.2 * 86_400), "about 5 d"],
  ["an estimate of ages", about(1e9), "over 30 d"],
  ["a rough number", number(roughly(18_437)), "18,000"],
  ["a moment ago", ago(before(1), NOW), "now"],
  ["a time ago", ago(before(300), NOW), "5 min ago"],
  ["a time to come", ago(before(-12), NOW), "in 12 s"],
];

for (const [given, shown, wanted] of SHOWN) {
  Deno.test(`${given} is shown as ${wanted}`, () => assert.equal(shown, wanted));
}
