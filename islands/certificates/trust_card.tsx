import type { VNode } from "preact";
import { dateTime } from "../../src/web/client/format.ts";
import { colons, commonName, type TrustChange, type TrustItem } from "../../src/web/client/trust.ts";
import { State } from "../parts/state.tsx";
import { DaysLeft } from "./days.tsx";

const STATES = {
  rejected: { level: "warn", text: "Turned away" },
  trusted: { level: "ok", text: "Trusted" },
  issuer: { level: "idle", text: "Known authority" },
} as const;

/** What can be done with one that stands so. */
const CHANGES = {
  rejected: [["trust", "Trust…"], ["remove", "Forget…"]],
  trusted: [["reject", "Turn away…"], ["remove", "Forget…"]],
  issuer: [["remove", "Forget…"]],
} as const;

interface TrustCardProps {
  readonly item: TrustItem;
  readonly canChange: boolean;
  readonly onChange: (item: TrustItem, change: TrustChange) => void;
}

/** A server's certificate, and what to do with it. */
export function TrustCard({ item, canChange, onChange }: TrustCardProps): VNode {
  const { state, subject, is_authority, not_after, days_left } = item;
  const { level, text } = STATES[state];
  const name = commonName(subject);
  return (
    <article class="card" aria-label={name}>
      <header>
        <h3 class="break">{name}</h3>
        <State level={level}>{text}{is_authority && state !== "issuer" ? ", may sign others" : ""}</State>
      </header>
      <DaysLeft days={days_left} notAfter={not_after} />
      <TrustFacts item={item} />
      {canChange
        ? (
          <div class="actions">
            {CHANGES[state].map(([change, label]) => (
              <button
                key={change}
                class={`button${change === "trust" ? " button-main" : ""}`}
                type="button"
                aria-label={`${label.slice(0, -1)} ${name}`}
                onClick={() => onChange(item, change)}
              >
                {label}
              </button>
            ))}
          </div>
        )
        : null}
    </article>
  );
}

/** All there is to compare. */
export function TrustFacts({ item }: { readonly item: TrustItem }): VNode {
  const { subject, issuer, names, not_before, fingerprint, thumbprint, endpoint, met, sources } = item;
  const facts: readonly (readonly [string, VNode | string | undefined])[] = [
    ["Shown at", endpoint ? `${endpoint}${met ? `, ${dateTime(met)}` : ""}` : undefined],
    ["Sources", sources.length > 0 ? <Sources key="sources" names={sources} /> : undefined],
    ["Subject", subject],
    ["Issuer", issuer === subject ? "itself" : issuer],
    ["Names", names || undefined],
    ["Valid from", dateTime(not_before)],
    ["SHA-256", <span key="sha256" class="mono small">{colons(fingerprint)}</span>],
    ["Thumbprint", <span key="sha1" class="mono small">{colons(thumbprint)}</span>],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) =>
        value === undefined ? null : [<dt key={name}>{name}</dt>, <dd key={`${name} value`}>{value}</dd>]
      )}
    </dl>
  );
}

function Sources({ names }: { readonly names: readonly string[] }): VNode {
  return (
    <>
      {names.map((name, index) => (
        <span key={name}>
          {index > 0 ? ", " : ""}
          <a href={`/sources/${encodeURIComponent(name)}`}>{name}</a>
        </span>
      ))}
    </>
  );
}
