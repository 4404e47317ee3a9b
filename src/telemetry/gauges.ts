import { Counter, Gauge, type Registry } from "prom-client";
import { ledgerPairs, type ProcessUse, type WatchedBuffer } from "./watched.ts";

/** Subjects of servers come from outside: no more than this many are shown. */
const MAX_CERTIFICATES = 2000;

/** What is measured when somebody asks, not counted as it happens. */
export class Gauges {
  readonly #registry: Registry;
  readonly #queue: Readonly<Record<"rows" | "unsent" | "limit" | "bytes" | "spool", Gauge>>;
  readonly #ledger: Gauge<"state">;
  readonly #sourceLedger: Gauge<"source" | "state">;
  readonly #isBalanced: Gauge;
  readonly #spoolLimit: Gauge;
  readonly #certificateEnd: Gauge<"certificate">;
  readonly #process: Readonly<Record<"resident" | "heap", Gauge>>;
  readonly #cpu: Counter;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#queue = {
      rows: this.#gauge("connector_queue_rows", "Rows that are not acknowledged, sent or not, in memory or on disk."),
      unsent: this.#gauge("connector_queue_unsent_rows", "Rows in memory that were not sent yet."),
      limit: this.#gauge("connector_queue_unsent_limit_rows", "Unsent rows that the queue holds at most."),
      bytes: this.#gauge("connector_queue_bytes", "Bytes of the rows in memory."),
      spool: this.#gauge("connector_spool_bytes", "Bytes of the rows on disk, compressed and encrypted."),
    };
    this.#ledger = new Gauge({
      name: "connector_ledger_records",
      help: "What became of the records received, by state; they balance: received is the sum of the rest.",
      labelNames: ["state"],
      registers: [registry],
    });
    this.#sourceLedger = new Gauge({
      name: "connector_source_ledger_records",
      help: "The ledger of each source.",
      labelNames: ["source", "state"],
      registers: [registry],
    });
    this.#isBalanced = this.#gauge("connector_ledger_balanced", "1 while the ledger balances.");
    this.#spoolLimit = this.#gauge(
      "connector_spool_limit_bytes",
      "Bytes that the spool takes at most; 0: there is none.",
    );
    this.#certificateEnd = new Gauge({
      name: "connector_certificate_expiry_timestamp_seconds",
      help:
        "When a certificate that something uses ends, Unix time; by its file or, of a server, its subject and a part of its fingerprint.",
      labelNames: ["certificate"],
      registers: [registry],
    });
    this.#process = {
      resident: this.#gauge("process_resident_memory_bytes", "Memory of the process."),
      heap: this.#gauge("process_heap_bytes", "Memory that JavaScript objects take."),
    };
    this.#cpu = new Counter({
      name: "process_cpu_seconds_total",
      help: "Processor time of the process, user and system.",
      registers: [registry],
    });
  }

  /** Looks at the buffer once. */
  readBuffer(buffer: WatchedBuffer): void {
    const { unsent, maxUnsent, queued, queuedBytes, spooledBytes } = buffer.level();
    this.#queue.rows.set(queued);
    this.#queue.unsent.set(unsent);
    this.#queue.limit.set(maxUnsent);
    this.#queue.bytes.set(queuedBytes);
    this.#queue.spool.set(spooledBytes);
    const { total, sources, balanced } = buffer.ledger();
    this.#isBalanced.set(balanced ? 1 : 0);
    for (const [state, rows] of ledgerPairs(total)) this.#ledger.set({ state }, rows);
    for (const [source, terms] of Object.entries(sources)) {
      for (const [state, rows] of ledgerPairs(terms)) this.#sourceLedger.set({ source, state }, rows);
    }
  }

  limitSpool(maxBytes: number): void {
    this.#spoolLimit.set(maxBytes);
  }

  certificatesEnd(ends: ReadonlyMap<string, number>): void {
    this.#certificateEnd.reset();
    for (const [certificate, seconds] of [...ends].slice(0, MAX_CERTIFICATES)) {
      this.#certificateEnd.set({ certificate }, seconds);
    }
  }

  readProcess({ residentBytes, heapBytes, cpuSeconds }: ProcessUse): void {
    this.#process.resident.set(residentBytes);
    this.#process.heap.set(heapBytes);
    this.#cpu.reset(); // the runtime counts, not we
    this.#cpu.inc(cpuSeconds);
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.#registry] });
  }
}
