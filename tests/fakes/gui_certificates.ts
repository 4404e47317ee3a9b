/** Answers about certificates, such as the pages' tests and pictures need. */
import type { CertificateTold, InventoryItem, ReadFile } from "../../src/web/client/certificates.ts";
import type { TrustItem } from "../../src/web/client/trust.ts";
import type { FakeGui } from "./gui_api.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 2, 1, 12, 0, 0);

function iso(days: number): string {
  return new Date(NOW_MS + days * DAY_MS).toISOString();
}

function fingerprint(seed: number, length = 64): string {
  return Array.from({ length }, (_, i) => ((i * 7 + seed * 11) % 16).toString(16)).join("");
}

export function told(change: Partial<CertificateTold> = {}): CertificateTold {
  return {
    subject: "O=Plant, CN=iot-connector",
    issuer: "O=Plant, CN=iot-connector",
    names: "URI:urn:iot-connector:press-hall, DNS:press-hall",
    not_before: iso(-30),
    not_after: iso(1700),
    days_left: 1700,
    fingerprint: fingerprint(1),
    chain: 1,
    ...change,
  };
}

function inventory(change: Partial<InventoryItem>): InventoryItem {
  return {
    path: "",
    origin: "upload",
    id: null,
    kind: "certificate",
    used_by: [],
    certificate: told(),
    faults: [],
    ...change,
  };
}

const ENDING = told({
  subject: "CN=line4-client",
  issuer: "CN=Plant CA",
  names: "",
  not_after: iso(12),
  days_left: 12,
  chain: 2,
});

export const INVENTORY: readonly InventoryItem[] = [
  inventory({ path: "certs/opcua/own/certs/iot-connector.pem", origin: "own_opcua" }),
  inventory({
    path: "certs/uploads/0123456789abcdef.certificate.pem",
    id: "0123456789abcdef",
    used_by: ["sources.oven_line.mqtt.tls.client_cert_path"],
    certificate: ENDING,
    faults: [{ level: "warn", text: "It ends on 2026-03-13: have a new one made" }],
  }),
  inventory({ path: "certs/uploads/1123456789abcdef.key.pem", id: "1123456789abcdef", kind: "key", certificate: null }),
  inventory({
    path: "certs/plant-ca.pem",
    origin: "file",
    used_by: ["security.ca_bundle_path"],
    certificate: null,
    faults: [{ level: "bad", text: "It cannot be read: No such file or directory (os error 2)" }],
  }),
];

export function trustItem(change: Partial<TrustItem> = {}): TrustItem {
  return {
    fingerprint: fingerprint(3),
    thumbprint: fingerprint(5, 40),
    state: "rejected",
    subject: "O=Machine builder, CN=S7-1500 press 4 with a rather long name",
    issuer: "O=Machine builder, CN=S7-1500 press 4 with a rather long name",
    not_before: iso(-200),
    not_after: iso(900),
    days_left: 900,
    names: "URI:urn:press4:opcua:server, IP Address:192.168.1.100",
    is_authority: false,
    endpoint: "opc.tcp://192.168.1.100:4840",
    met: iso(0),
    sources: ["press_4"],
    ...change,
  };
}

const READ: ReadFile = {
  certificate: ENDING,
  above: ["CN=Plant CA"],
  has_key: true,
  faults: [{ level: "warn", text: "It ends on 2026-03-13: have a new one made" }],
};

const LIST = {
  id: fingerprint(7),
  folder: "trusted",
  issuer: "CN=Plant CA",
  this_update: iso(-40),
  next_update: iso(-10),
  is_overdue: true,
  revoked: 3,
};

/** A tree of an area with 2,000 variables, page by page. */
function browsed(body: unknown): unknown {
  const { under, after } = body as { under?: string; after?: string }; // as the page sends it
  if (under === undefined) return { nodes: [folder("Press hall"), folder("Server")], next: null };
  const from = Number(after ?? 0);
  const nodes = Array.from({ length: 500 }, (_, i) => variable(from + i));
  return { nodes, next: from < 1500 ? String(from + 500) : null };
}

function folder(name: string) {
  const entry = { browse_path: `0:Root/0:Objects/2:${name}`, recursive: true };
  return {
    id: `nsu=urn:plant;s=${name}`,
    name,
    kind: "folder",
    has_children: null,
    configure: { list: "nodes", entry },
  };
}

function variable(number: number) {
  const id = `nsu=urn:plant;s=Line1.Temperature${number}`;
  return {
    id,
    name: `Temperature ${number}`,
    kind: "variable",
    has_children: null,
    data_type: "Double",
    sample: { value: String(20 + number / 10), status: "Good" },
    facts: { description: "Of the bearing", numbered_id: `ns=2;s=Line1.Temperature${number}` },
    configure: { list: "nodes", entry: { node_id: id } },
  };
}

/** Something for every page about certificates, and for the tree of a server. */
export function answerCertificates({ answers, sent }: FakeGui): void {
  const list = (items: readonly unknown[]) => ({ total: items.length, items, next: null });
  answers.set("GET /api/certificates", list(INVENTORY));
  answers.set("GET /api/certs", list([]));
  answers.set(
    "GET /api/trust",
    list([trustItem(), trustItem({ fingerprint: fingerprint(9), state: "trusted", days_left: 5 })]),
  );
  answers.set("GET /api/revocation-lists", list([LIST]));
  answers.set("POST /api/certs/read", READ);
  answers.set("POST /api/browse", () => browsed(sent.at(-1)?.[1]));
  answers.set("DELETE /api/browse", () => new Response(null, { status: 204 }));
}
