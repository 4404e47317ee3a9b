import type { VNode } from "preact";
import type { JsonObject } from "../../src/web/client/form_model.ts";
import type { LabRegister } from "../../src/web/client/looks.ts";

/** As `values` of the API has them. */
const ORDERS = [
  { called: "ABCD", entry: {} },
  { called: "CDAB", entry: { word_order: "little" } },
  { called: "BADC", entry: { byte_order: "little" } },
  { called: "DCBA", entry: { byte_order: "little", word_order: "little" } },
] as const;
/** What an entry reads that does not say its type. */
const USUAL = "uint16";
/** Registers of a text, unless fewer were read. */
const TEXT_REGISTERS = 16;
const BITS = Array.from({ length: 16 }, (_, index) => 15 - index);

interface LabTypesProps {
  readonly register: LabRegister;
  /** Registers that were read, from it on. */
  readonly left: number;
  readonly onUse: (entry: JsonObject) => void;
}

/** One address in every type and order; a click on the value that is right puts it into the form. */
export function LabTypes({ register, left, onUse }: LabTypesProps): VNode {
  const { address, modicon, raw, values, entry } = register;
  if (values.length === 0) {
    return (
      <div>
        <p>Address {address} ({modicon}) is {raw === 0 ? "off (0)" : "on (1)"}.</p>
        <button class="button" type="button" onClick={() => onUse(entry)}>Use this</button>
      </div>
    );
  }
  return (
    <div>
      <h3>What begins at {address} ({modicon})</h3>
      <p class="soft small">Press the value that is right: a register of that type and order is added to the form.</p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Types and orders">
        <table>
          <thead>
            <tr>
              <th scope="col">Type</th>
              {ORDERS.map(({ called }) => <th key={called} scope="col" class="number">{called}</th>)}
            </tr>
          </thead>
          <tbody>
            {values.map(({ type, values: inOrders }) => (
              <tr key={type}>
                <th scope="row">{type}</th>
                {ORDERS.map(({ called, entry: order }, index) => (
                  <Value
                    key={called}
                    text={inOrders[index] ?? null}
                    what={`${type} ${called}`}
                    onUse={() => onUse({ ...entry, ...typeOf(type, left), ...order })}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="actions" role="group" aria-label="Bits">
        <span class="soft small">Bits</span>
        {BITS.map((bit) => (
          <button
            key={bit}
            class="button button-quiet mono"
            type="button"
            title={`Bit ${bit}`}
            aria-label={`Use bit ${bit}, which is ${raw >> bit & 1}`}
            onClick={() => onUse({ ...entry, name: `${entry.name}_bit_${bit}`, bit })}
          >
            {raw >> bit & 1}
          </button>
        ))}
      </div>
    </div>
  );
}

interface ValueProps {
  /** null: it holds no such value. */
  readonly text: string | null;
  readonly what: string;
  readonly onUse: () => void;
}

function Value({ text, what, onUse }: ValueProps): VNode {
  if (text === null) return <td class="number soft">–</td>;
  const shown = shortened(text);
  return (
    <td class="number">
      <button
        class="button button-quiet mono"
        type="button"
        aria-label={`Use ${what}: ${shown}`}
        title={text}
        onClick={onUse}
      >
        {shown}
      </button>
    </td>
  );
}

function typeOf(type: string, left: number): JsonObject {
  if (type === USUAL) return {};
  if (type !== "string") return { data_type: type };
  return { data_type: type, count: Math.min(left, TEXT_REGISTERS) };
}

/** A float of the wrong order has many digits, which say nothing; whole numbers are shown as they are. */
function shortened(text: string): string {
  const isFloat = /^-?[\d.]+(e[+-]?\d+)?$/.test(text) && /[.e]/.test(text);
  if (isFloat) return String(Number(Number(text).toPrecision(8)));
  return text.length > 24 ? `${text.slice(0, 24)}…` : text;
}
