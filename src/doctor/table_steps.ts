/** One table: is it there, do its columns fit, may it be written, does a stream to it open. */
import type { BronzeMessage } from "../bronze/message.ts";
import type { TableColumn } from "../bronze/table_column.ts";
import { AuthError, reasonOf } from "../core/error.ts";
import type { Lane } from "../core/lane.ts";
import type { TokenCache } from "../sinks/zerobus/token.ts";
import { judgeColumns } from "./column_faults.ts";
import { createTable, grants, type WantedTable } from "./statements.ts";
import { fail, type Finding, ok, type Step, warn } from "./step.ts";
import type { TableLook } from "./table_look.ts";

export interface TableProbe {
  readonly tokens: Pick<TokenCache, "forTable">;
  look(table: string, signal: AbortSignal): Promise<TableLook>;
  /** Opens a stream for these columns and closes it; undefined: with the published columns. */
  dryRun(lane: Lane, columns: readonly TableColumn[] | undefined, signal: AbortSignal): Promise<void>;
}

export interface TableStepsOptions {
  readonly wanted: WantedTable;
  readonly lanes: readonly { readonly lane: Lane; readonly message: BronzeMessage<never> }[];
  readonly probe: TableProbe;
  /** For the statements. */
  readonly principal: string | null;
  readonly needs: readonly string[];
}

export function tableSteps(options: TableStepsOptions): Step[] {
  const { wanted: { table }, lanes } = options;
  const found: { columns?: readonly TableColumn[] } = {};
  const id = `table.${table}`;
  const several = lanes.length > 1;
  return [
    thereStep(options, found),
    ...lanes.map(({ lane, message }) =>
      columnsStep(`${id}.columns${several ? `.${lane.message}` : ""}`, options, { message, found })
    ),
    grantStep(options),
    ...lanes.map(({ lane }) =>
      streamStep(`${id}.stream${several ? `.${lane.message}` : ""}`, options, { lane, found })
    ),
  ];
}

interface Found {
  columns?: readonly TableColumn[];
}

function thereStep({ wanted, probe, principal, needs }: TableStepsOptions, found: Found): Step {
  const { table } = wanted;
  return {
    id: `table.${table}`,
    title: `Table ${table}`,
    needs,
    async run(signal) {
      const look = await probe.look(table, signal);
      if (look.kind === "found") found.columns = look.columns;
      return judgeTable(look, wanted, principal);
    },
  };
}

function judgeTable(look: TableLook, wanted: WantedTable, principal: string | null): Finding {
  const { table } = wanted;
  const grant = grants([table], principal);
  switch (look.kind) {
    case "missing":
      return fail({
        measured: "Unity Catalog knows no such table",
        cause: "It was not made yet, or the service principal may not use its catalog or schema.",
        remedy: { what: "Let who administers the workspace run:", copy: `${createTable(wanted)}\n\n${grant}` },
      });
    case "forbidden":
      return warn({
        measured: "Unity Catalog does not let us look at it",
        cause: "Its columns cannot be compared with ours; the published ones are sent, without extras.",
        remedy: { what: "Let who administers the workspace run:", copy: grant },
      });
    case "found":
      return judgeKind(look, wanted);
    default:
      return look satisfies never;
  }
}

function judgeKind({ type, format }: Extract<TableLook, { kind: "found" }>, wanted: WantedTable): Finding {
  const measured = `${type || "unknown type"}, ${format || "unknown format"}`;
  if (type === "MANAGED" && format === "DELTA") return ok(measured);
  return fail({
    measured,
    cause: "Zerobus writes managed Delta tables alone.",
    remedy: {
      what: `Name another table in zerobus.target, or make it anew after renaming ${wanted.table}:`,
      copy: createTable(wanted),
    },
  });
}

interface ColumnsOf {
  readonly message: BronzeMessage<never>;
  readonly found: Found;
}

function columnsStep(id: string, { wanted: { table } }: TableStepsOptions, { message, found }: ColumnsOf): Step {
  return {
    id,
    title: `Columns of ${table}`,
    needs: [`table.${table}`],
    run() {
      const { columns } = found;
      return Promise.resolve(
        columns ? judgeColumns(table, columns, message) : ok("not known: the published ones are sent"),
      );
    },
  };
}

function grantStep({ wanted: { table }, probe, principal }: TableStepsOptions): Step {
  return {
    id: `table.${table}.grant`,
    title: `Right to write ${table}`,
    needs: [`table.${table}`],
    async run(signal) {
      try {
        await probe.tokens.forTable(table, signal);
        return ok("the workspace gives a token for it");
      } catch (error) {
        if (!(error instanceof AuthError)) throw error;
        return noGrant(error, table, principal);
      }
    },
  };
}

function noGrant(error: AuthError, table: string, principal: string | null): Finding {
  return fail({
    measured: reasonOf(error).replace(/\. (Check|Grant) .*$/, ""),
    cause:
      "The service principal is not granted what Zerobus asks for. ALL PRIVILEGES is not enough: grants go by name.",
    remedy: { what: "Let who administers the workspace run:", copy: grants([table], principal) },
  });
}

interface StreamOf {
  readonly lane: Lane;
  readonly found: Found;
}

function streamStep(
  id: string,
  { wanted: { table }, probe, principal }: TableStepsOptions,
  { lane, found }: StreamOf,
): Step {
  const columns = id.replace(".stream", ".columns");
  return {
    id,
    title: `Dry run to ${table}`,
    needs: [columns, `table.${table}.grant`],
    async run(signal) {
      try {
        await probe.dryRun(lane, found.columns, signal);
        return ok("the service opens a stream for these columns; no row was sent");
      } catch (error) {
        if (!(error instanceof AuthError)) throw error;
        return noGrant(error, table, principal);
      }
    },
  };
}
