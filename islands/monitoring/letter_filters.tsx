import type { VNode } from "preact";
import type { LetterFilter } from "../../src/web/client/letters.ts";
import { ChoiceField, TextField } from "../parts/field.tsx";

interface LetterFiltersProps {
  readonly filter: LetterFilter;
  readonly onChange: (change: Partial<LetterFilter>) => void;
}

/** Which letters are shown. */
export function LetterFilters({ filter, onChange }: LetterFiltersProps): VNode {
  return (
    <div class="filters">
      <TextField
        label="Source"
        type="search"
        help="Its whole name"
        value={filter.source}
        onInput={(source) => onChange({ source })}
      />
      <TextField
        label="Table"
        type="search"
        help="catalog.schema.table"
        value={filter.table}
        onInput={(table) => onChange({ table })}
      />
      <ChoiceField
        label="Time"
        help="How far back"
        value={filter.hours}
        options={[["", "All"], ["1", "The last hour"], ["24", "The last day"], ["168", "The last week"]]}
        onChange={(hours) => onChange({ hours })}
      />
      <TextField
        label="Reason code"
        help="The whole code"
        type="search"
        value={filter.code}
        onInput={(code) => onChange({ code })}
      />
    </div>
  );
}
