import type { VNode } from "preact";
import type { InventoryItem } from "../../src/web/client/certificates.ts";
import { commonName } from "../../src/web/client/trust.ts";
import { State } from "../parts/state.tsx";
import { CertificateFacts, Faults } from "./told.tsx";

const ORIGINS = {
  own_opcua: "Our own, for OPC UA servers",
  own_gui: "Our own, for these pages",
  upload: "Uploaded",
  file: "In the home directory",
  server: "A server’s",
} as const;

interface InventoryCardProps {
  readonly item: InventoryItem;
  readonly canChange: boolean;
  readonly onRemove: (item: InventoryItem) => void;
}

/** A certificate or key, what uses it, and what is wrong with it. */
export function InventoryCard({ item, canChange, onRemove }: InventoryCardProps): VNode {
  const { origin, kind, path, certificate, used_by, faults, id } = item;
  const name = certificate ? commonName(certificate.subject) : kind === "key" ? "Private key" : path;
  const worst = faults.some(({ level }) => level === "bad") ? "bad" : faults.length > 0 ? "warn" : "ok";
  const more = (
    <>
      <dt>Used by</dt>
      <dd>{usersOf(item)}</dd>
      {origin === "server" ? null : [<dt key="file">File</dt>, <dd key="file value" class="mono small">{path}</dd>]}
    </>
  );
  return (
    <article class="card" aria-label={name}>
      <header>
        <h3 class="break">{name}</h3>
        <State level={worst}>{worst === "ok" ? ORIGINS[origin] : `${ORIGINS[origin]}: see to it`}</State>
      </header>
      <Faults faults={faults} />
      {certificate ? <CertificateFacts told={certificate}>{more}</CertificateFacts> : <dl class="facts">{more}</dl>}
      <Actions
        item={item}
        name={name}
        canRemove={canChange && id !== null && used_by.length === 0}
        onRemove={onRemove}
      />
    </article>
  );
}

function usersOf({ origin, used_by, path }: InventoryItem): string {
  if (used_by.length > 0) return used_by.join(", ");
  if (origin === "own_gui") return "TLS of these pages, while gui.tls.enabled";
  if (origin === "own_opcua") {
    return path.endsWith("-former.pem")
      ? "OPC UA servers that do not trust the new one yet"
      : "all OPC UA sources without a certificate_path";
  }
  return origin === "server" ? "no source at present" : "nothing: it can be removed";
}

interface ActionsProps {
  readonly item: InventoryItem;
  readonly name: string;
  readonly canRemove: boolean;
  readonly onRemove: (item: InventoryItem) => void;
}

/** Our own is given out, to be trusted elsewhere; what nobody uses can go. */
function Actions({ item, name, canRemove, onRemove }: ActionsProps): VNode | null {
  const { origin, path } = item;
  const own = origin === "own_gui"
    ? "gui"
    : origin === "own_opcua" && !path.endsWith("-former.pem")
    ? "opcua"
    : undefined;
  if (own) {
    return (
      <div class="actions">
        {(["der", "pem"] as const).map((form) => (
          <a key={form} class="button" href={`/api/certificates/own/${own}?form=${form}`} download>
            Download {form.toUpperCase()}
          </a>
        ))}
      </div>
    );
  }
  if (origin === "server") {
    return (
      <div class="actions">
        <a class="button" href="/certificates/servers">Servers’ certificates</a>
      </div>
    );
  }
  if (!canRemove) return null;
  return (
    <div class="actions">
      <button class="button button-bad" type="button" aria-label={`Remove ${name}`} onClick={() => onRemove(item)}>
        Remove…
      </button>
    </div>
  );
}
