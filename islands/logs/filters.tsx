import type { VNode } from "preact";
import type { LogFilter, LogLevel } from "../../src/web/client/log_lines.ts";
import { ChoiceField, Field, TextField } from "../parts/field.tsx";

const CHOICES = [
  ["debug", "All"],
  ["info", "Info and above"],
  ["warn", "Warnings and errors"],
  ["error", "Errors"],
] as const;

interface LogFiltersProps {
  readonly filter: LogFilter;
  readonly onChange: (change: Partial<LogFilter>) => void;
}

/** Which lines are wanted. */
export function LogFilters({ filter, onChange }: LogFiltersProps): VNode {
  return (
    <section class="panel panel-body" aria-label="Filter">
      <div class="filters">
        <ChoiceField
          label="Level"
          value={filter.level}
          options={CHOICES}
          onChange={(level) => onChange({ level: level as LogLevel })} // one of the choices
        />
        <TextField label="Source" type="search" value={filter.source} onInput={(source) => onChange({ source })} />
        <Field
          label="Up to"
          control={(props) => (
            <input
              {...props}
              type="datetime-local"
              value={filter.until}
              onChange={(event) => onChange({ until: event.currentTarget.value })}
            />
          )}
        />
        <div class="grow">
          <TextField label="Text" type="search" value={filter.text} onInput={(text) => onChange({ text })} />
        </div>
      </div>
    </section>
  );
}
