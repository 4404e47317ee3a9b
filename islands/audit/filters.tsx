import type { VNode } from "preact";
import type { AuditFilter } from "../../src/web/client/audit.ts";
import { Field, TextField } from "../parts/field.tsx";

interface AuditFiltersProps {
  readonly filter: AuditFilter;
  readonly onChange: (change: Partial<AuditFilter>) => void;
}

/** Which lines are wanted. */
export function AuditFilters({ filter, onChange }: AuditFiltersProps): VNode {
  const time = (label: string, key: "from" | "to") => (
    <Field
      label={label}
      control={(props) => (
        <input
          {...props}
          type="datetime-local"
          value={filter[key]}
          onChange={(event) => onChange({ [key]: event.currentTarget.value })}
        />
      )}
    />
  );
  return (
    <section class="panel panel-body" aria-label="Filter">
      <div class="filters">
        <TextField label="Who" type="search" value={filter.who} onInput={(who) => onChange({ who })} />
        <div class="grow">
          <TextField
            label="What, or to what"
            type="search"
            placeholder="user.  or  press_4"
            value={filter.what}
            onInput={(what) => onChange({ what })}
          />
        </div>
        {time("From", "from")}
        {time("Up to", "to")}
      </div>
    </section>
  );
}
