import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import { draftOf, draftProblem, entriesOf, withEntries, withFreeName } from "../../src/web/client/draft.ts";
import type { JsonObject } from "../../src/web/client/form_model.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { rangeFaults } from "../../src/web/client/lab_range.ts";
import { type LabRegister, readLab } from "../../src/web/client/looks.ts";
import { ChoiceField, TextField } from "../parts/field.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { State } from "../parts/state.tsx";
import { LabTypes } from "./lab_types.tsx";
import { onEnter, type ToolProps } from "./tool.ts";

const TABLES = [
  ["holding", "Holding registers (4…)"],
  ["input", "Input registers (3…)"],
  ["coil", "Coils (0…)"],
  ["discrete", "Discrete inputs (1…)"],
] as const;
const ADDRESSINGS = [
  ["", "As the source says"],
  ["zero_based", "The first is 0"],
  ["modicon", "The first is 40001"],
] as const;

/** A range of registers as it is now, each in every type and order, to see which one is right. */
export function LabPanel({ form, onChange, onFaults }: ToolProps): VNode {
  const wanted = useSignal({ unit: "", table: "holding", address: "0", addressing: "", count: "10" });
  const found = useSignal<readonly LabRegister[]>([]);
  const chosen = useSignal(0);
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const told = useSignal("");
  const set = (key: keyof typeof wanted.value) => (text: string) => wanted.value = { ...wanted.value, [key]: text };
  const wasTried = useSignal(false);
  const faults = wasTried.value ? rangeFaults(wanted.value) : {};
  async function start(): Promise<void> {
    wasTried.value = true;
    // Old values under what is asked for now would pass for its answer.
    [found.value, problem.value, told.value] = [[], undefined, ""];
    onFaults([]);
    if (Object.keys(rangeFaults(wanted.value)).length > 0) return;
    isBusy.value = true;
    const { unit, table, address, addressing, count } = wanted.value;
    const range = { table, address: Number(address), count: Number(count) };
    const rest = { ...unit === "" ? {} : { unit: Number(unit) }, ...addressing === "" ? {} : { addressing } };
    try {
      const { reading, error } = await readLab(draftOf(form), { ...range, ...rest });
      found.value = reading?.registers ?? [];
      chosen.value = 0;
      if (error) problem.value = { status: 0, code: error.code, title: error.message };
      if (error?.path) onFaults([{ path: `sources[0].${error.path}`, message: error.message }]);
    } catch (error) {
      problem.value = draftProblem(error);
      onFaults((problemIn(error).errors ?? []).filter(({ path }) => path.startsWith("sources[")));
    }
    isBusy.value = false;
  }
  function use(entry: JsonObject): void {
    const entries = entriesOf(form);
    const named = withFreeName(entry, entries);
    onChange(withEntries(form, [...entries, named]));
    told.value = `${named.name} is in the form now.`;
  }
  const { unit, table, address, addressing, count } = wanted.value;
  const register = found.value[chosen.value];
  return (
    <>
      <div class="fields" onKeyDown={onEnter(start)}>
        <ChoiceField label="Table" value={table} options={TABLES} onChange={set("table")} />
        <TextField label="Address" value={address} fault={faults.address} onInput={set("address")} />
        <ChoiceField label="Counted so that" value={addressing} options={ADDRESSINGS} onChange={set("addressing")} />
        <TextField label="How many" value={count} fault={faults.count} onInput={set("count")} />
        <TextField
          label="Unit id"
          value={unit}
          placeholder="as the source says"
          fault={faults.unit}
          onInput={set("unit")}
        />
      </div>
      <div class="actions">
        <button class="button" type="button" disabled={isBusy.value} onClick={start}>Read now</button>
        <span class="small" role="status">
          {isBusy.value
            ? <State level="busy">Reading…</State>
            : told.value === ""
            ? null
            : <State level="ok">{told.value}</State>}
        </span>
      </div>
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      {register
        ? (
          <div class="split split-aside">
            <Registers registers={found.value} chosen={chosen.value} onChoose={(index) => chosen.value = index} />
            <LabTypes register={register} left={found.value.length - chosen.value} onUse={use} />
          </div>
        )
        : null}
    </>
  );
}

interface RegistersProps {
  readonly registers: readonly LabRegister[];
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
}

function Registers({ registers, chosen, onChoose }: RegistersProps): VNode {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Registers">
      <table>
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col">Manuals say</th>
            <th scope="col" class="number">Value</th>
            <th scope="col" class="number">Hex</th>
          </tr>
        </thead>
        <tbody>
          {registers.map(({ address, modicon, raw }, index) => (
            <tr key={address}>
              <th scope="row">
                <button
                  class="button button-quiet"
                  type="button"
                  aria-pressed={index === chosen}
                  onClick={() => onChoose(index)}
                >
                  {address}
                </button>
              </th>
              <td class="mono">{modicon}</td>
              <td class="number">{raw}</td>
              <td class="number mono">{raw.toString(16).padStart(4, "0")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
