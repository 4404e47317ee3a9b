/** A spool as the pages' tests see it, and work with it that takes its time. */
import type { CarriedFile, Gap, Spool } from "../../src/web/client/spool.ts";
import type { FakeGui } from "./gui_api.ts";

const START_MS = Date.UTC(2026, 2, 1, 12, 0, 0);

function iso(secondsLater: number): string {
  return new Date(START_MS + secondsLater * 1000).toISOString();
}

const SPOOL: Spool = {
  rows: 5300,
  bytes: 18_400_000,
  oldest: iso(-900),
  max_bytes: 1_000_000_000,
  free_disk_bytes: 52_000_000_000,
  keys: [{ id: "0a1b2c3d4e5f6071", is_current: true }, { id: "8899aabbccddeeff", is_current: false }],
  quarantined: 0,
};
const GAPS: readonly Gap[] = [
  { table: "iot_data.bronze.opcua_bronze", reason: "dropped", numbers: 1200, latest: iso(-86_400) },
  { table: "iot_data.bronze.modbus_bronze", reason: "exported", numbers: 300, latest: iso(-400) },
];
const FILES: readonly CarriedFile[] = [{ name: "spool_20260131T120000Z.rows", bytes: 1_200_000, time: iso(-400) }];

export function answerSpool({ answers }: FakeGui): void {
  answers.set("GET /api/spool", SPOOL);
  answers.set("GET /api/spool/gaps", { items: GAPS });
  answers.set("GET /api/spool/exports", { items: FILES });
}

/** An answer of lines, anew each time. Without an end it goes on until its client leaves, which `onLeft` is told. */
export function told(lines: readonly object[], onLeft?: () => void): () => Response {
  const utf8 = new TextEncoder();
  return () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const line of lines) controller.enqueue(utf8.encode(`${JSON.stringify(line)}\n`));
        if (!onLeft) controller.close();
      },
      cancel: () => onLeft?.(),
    });
    return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
  };
}
