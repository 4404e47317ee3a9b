import type { VNode } from "preact";
import { number } from "../../src/web/client/format.ts";
import { type Ledger, type LedgerTerms, termOf, TERMS } from "../../src/web/client/ledger.ts";
import { Paged } from "../parts/paged.tsx";
import { State } from "../parts/state.tsx";

const PER_PAGE = 20;

/** What became of everything received: a sum that is always right, or a defect. */
export function LedgerPanel({ ledger }: { readonly ledger: Ledger }): VNode {
  const { total, sources, balanced } = ledger;
  // What is nothing for every source is left out, except where rows should be.
  const shown = TERMS.filter(({ key }) => termOf(total, key) > 0 || key === "written" || key === "spooled");
  return (
    <section class="panel" aria-labelledby="ledger-title">
      <header>
        <h2 id="ledger-title">Ledger</h2>
        <State level={balanced ? "ok" : "bad"}>{balanced ? "Balanced" : "Does not balance: please report it"}</State>
        <span class="soft small">Received = the sum of what became of it</span>
      </header>
      <Paged items={Object.entries(sources)} size={PER_PAGE} what="sources">
        {(rows) => (
          <div class="scroll" tabIndex={0} role="region" aria-label="Ledger by source">
            <table class="balance">
              <thead>
                <tr>
                  <th scope="col">Source</th>
                  <th scope="col" class="number">Received</th>
                  {shown.map(({ key, text }) => <th key={key} scope="col" class="number">{text}</th>)}
                </tr>
              </thead>
              <tbody>
                <Row name="All" terms={total} shown={shown} />
                {rows.map(([name, terms]) => <Row key={name} name={name} terms={terms} shown={shown} />)}
              </tbody>
            </table>
          </div>
        )}
      </Paged>
    </section>
  );
}

interface RowProps {
  readonly name: string;
  readonly terms: LedgerTerms;
  readonly shown: typeof TERMS;
}

function Row({ name, terms, shown }: RowProps): VNode {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="number">{number(termOf(terms, "received"))}</td>
      {shown.map(({ key }) => <td key={key} class="number">{number(termOf(terms, key))}</td>)}
    </tr>
  );
}
