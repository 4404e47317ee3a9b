import type { ComponentChildren, VNode } from "preact";
import { dateTime } from "../../src/web/client/format.ts";
import type { CertificateFault, CertificateTold } from "../../src/web/client/certificates.ts";
import { colons } from "../../src/web/client/trust.ts";
import { Note } from "../parts/state.tsx";
import { DaysLeft } from "./days.tsx";

interface CertificateFactsProps {
  readonly told: CertificateTold;
  /** Further facts, before these. */
  readonly children?: ComponentChildren;
}

/** What a certificate says of itself. */
export function CertificateFacts({ told, children }: CertificateFactsProps): VNode {
  const { subject, issuer, names, not_before, not_after, days_left, fingerprint, chain } = told;
  return (
    <dl class="facts">
      {children}
      <dt>Subject</dt>
      <dd>{subject || "without a name"}</dd>
      <dt>Issuer</dt>
      <dd>{issuer === subject ? "itself" : issuer}</dd>
      {names ? [<dt key="names">Names</dt>, <dd key="names value">{names}</dd>] : null}
      <dt>Valid from</dt>
      <dd>{dateTime(not_before)}</dd>
      <dt>Until</dt>
      <dd>
        <DaysLeft days={days_left} notAfter={not_after} />
      </dd>
      {chain > 1
        ? [<dt key="chain">Chain</dt>, <dd key="chain value">{chain} certificates with those above it</dd>]
        : null}
      <dt>SHA-256</dt>
      <dd>
        <span class="mono small">{colons(fingerprint)}</span>
      </dd>
    </dl>
  );
}

/** What is wrong with it, if anything. */
export function Faults({ faults }: { readonly faults: readonly CertificateFault[] }): VNode {
  return (
    <>
      {faults.map(({ level, text }) => (
        <Note key={text} level={level}>
          <span class="break">{text}</span>
        </Note>
      ))}
    </>
  );
}
