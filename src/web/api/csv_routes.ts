/** What a source reads as CSV: registers, nodes or topics, for spreadsheets and from them. */
import { createRoute, z } from "@hono/zod-openapi";
import { type SettingFault, settingFaults } from "../../service/config_faults.ts";
import type { ConfigService } from "../../service/config_service.ts";
import { formSchema } from "../../service/form_schema.ts";
import { csvOf, readCsvList } from "../client/csv_list.ts";
import { entryName } from "../client/entry_name.ts";
import { type FormNode, type Json, type JsonObject, nodeOf, type Schema } from "../client/form_model.ts";
import { pruned, variantFor } from "../client/form_value.ts";
import { compareLists, mergedLists } from "../client/list_comparison.ts";
import { limitedBody } from "./body.ts";
import { applied, CHANGE, changeQuery, type ChangeTools, MAX_CONFIG_BYTES } from "./config_routes.ts";
import { notFound, Refusal } from "./refusal.ts";
import { CONFLICT, needs, NOT_FOUND, PRECONDITION, reads, takes } from "./route.ts";
import { json } from "./schema.ts";
import type { SourcesView } from "./source_routes.ts";
import type { ApiTools } from "./tools.ts";

const CSV = "text/csv";
const SEPARATORS = { comma: ",", semicolon: ";" } as const;
/** So that spreadsheets know that it is UTF-8. */
const BYTE_ORDER_MARK = "\uFEFF";
/** Names that are told of each kind. */
const MAX_NAMES = 1000;

const names = z.object({ count: z.int(), names: z.array(z.string()).openapi({ description: "1,000 at most." }) });
const outcome = z.object({
  added: names,
  changed: names,
  removed: names,
  same: z.int(),
  applied: applied.nullable().openapi({ description: "null where it was only tried." }),
}).openapi("CsvOutcome");

const named = { params: z.object({ name: z.string().min(1).max(64) }) };
const yes = z.enum(["true", "false"]).optional();

/** Adds them. */
export function csvRoutes(
  { app, guard }: ApiTools,
  { loaded }: Pick<SourcesView, "loaded">,
  { service, options, intend, finish }: ChangeTools,
): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "sources", "What a source reads as CSV, its first line being keys of the configuration"),
      method: "get",
      path: "/api/sources/{name}/csv",
      middleware: [guard("viewer")] as const,
      request: {
        ...named,
        query: z.object({
          separator: z.enum(["comma", "semicolon"]).default("comma"),
          bom: yes.openapi({ description: "Begin with a byte order mark, which spreadsheets want." }),
        }),
      },
      responses: reads({ 200: { description: "CSV.", content: { [CSV]: { schema: z.string() } } }, ...NOT_FOUND }),
    }),
    (context) => {
      const { separator, bom } = context.req.valid("query");
      const { entries, item, list } = listOf(context.req.valid("param").name, { loaded, service });
      const text = csvOf(entries, item, SEPARATORS[separator]);
      return context.body(`${bom === "true" ? BYTE_ORDER_MARK : ""}${text}`, 200, {
        "content-type": `${CSV}; charset=utf-8`,
        "content-disposition": `attachment; filename="${list}.csv"`,
      }) as never; // a text of another type than the route could compare
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "sources", "Have a source read what a CSV says"),
      method: "post",
      path: "/api/sources/{name}/csv",
      middleware: [guard("administrator"), limitedBody(CSV, MAX_CONFIG_BYTES)] as const,
      request: {
        ...named,
        headers: CHANGE.header,
        query: changeQuery.extend({
          dry_run: yes.openapi({ description: "Only tell what it would do." }),
          keep_missing: yes.openapi({ description: "What the CSV does not have stays; else it is removed." }),
        }),
        body: { required: true, content: { [CSV]: { schema: z.string() } } },
      },
      responses: takes({
        200: json(outcome, "What it did, or would do."),
        202: json(outcome, "The connector starts anew with it."),
        ...NOT_FOUND,
        ...CONFLICT,
        ...PRECONDITION,
      }),
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      const query = context.req.valid("query");
      const { entries, item, protocol, list } = listOf(name, { loaded, service });
      const file = entriesOf(await context.req.raw.arrayBuffer(), item);
      const after = query.keep_missing === "true" ? mergedLists(entries, file.entries) : file.entries;
      const { added, changed, removed, sameCount } = compareLists(entries, after);
      const told = {
        added: toldNames(added),
        changed: toldNames(changed.map((each) => each.after)),
        removed: toldNames(removed),
        same: sameCount,
      };
      const change = { sources: [{ name, [protocol]: { [list]: after } }] };
      if (query.dry_run === "true") {
        await service().plan(change).catch((error) => refuse(error, after, file));
        return context.json({ ...told, applied: null }, 200);
      }
      const how = options(context, { header: context.req.valid("header"), query, isStrict: true });
      intend(context, "source.csv", name);
      const done = await service().apply(change, how).catch((error) => refuse(error, after, file));
      const { answer, status } = finish(context, "source.csv", name, done);
      return context.json({ ...told, applied: answer }, status);
    },
  );
}

interface SourceList {
  readonly protocol: string;
  /** The list's key. */
  readonly list: string;
  /** Without defaults. */
  readonly entries: readonly Json[];
  readonly item: FormNode;
}

/** @throws {Refusal} */
function listOf(
  name: string,
  { loaded, service }: Pick<SourcesView, "loaded"> & { readonly service: () => ConfigService },
): SourceList {
  const spec = loaded().sources.find(({ config }) => config.name === name)?.spec;
  const { sources } = service().current().config as { readonly sources?: readonly JsonObject[] }; // it was checked
  const source = sources?.find((each) => each.name === name);
  const item = spec && itemOf(spec.type, spec.list);
  if (!spec || !source || !item) throw notFound("There is no source of this name");
  const block = source[spec.type] as JsonObject; // it was checked
  const all = block[spec.list];
  const entries = Array.isArray(all) ? all.map((each) => pruned(each, item) ?? each) : [];
  return { protocol: spec.type, list: spec.list, entries, item };
}

function itemOf(protocol: string, list: string): FormNode | undefined {
  const schema = formSchema() as Schema; // made of the configuration's own
  const items = schema.properties?.sources?.items;
  const node = items && nodeOf(items);
  const variant = node?.kind === "variants" ? variantFor(node.variants, { protocol }) : undefined;
  const block = variant?.node.fields.find(({ key }) => key === protocol)?.node;
  const found = block?.kind === "group" ? block.fields.find(({ key }) => key === list)?.node : undefined;
  return found?.kind === "list" ? found.item : undefined;
}

interface CsvFile {
  readonly entries: readonly Json[];
  readonly lineOf: ReadonlyMap<Json, number>;
}

/** @throws {Refusal} with all that is wrong, by line and column */
function entriesOf(bytes: ArrayBuffer, item: FormNode): CsvFile {
  const { entries, lines, faults } = readCsvList(textOf(bytes), item);
  if (faults.length === 0) return { entries, lineOf: new Map(entries.map((each, index) => [each, lines[index] ?? 0])) };
  throw unfit(faults.map(({ line, column, key, message }) => ({
    path: `line ${line}, column ${column}${key === "" ? "" : ` (${key})`}`,
    message,
  })));
}

function textOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal({ status: 422, code: "csv_not_utf8", title: "The CSV is not UTF-8: save it as CSV UTF-8" });
  }
}

/** Says on which line stands what the configuration refuses. @throws {Refusal} @throws what is none of its findings */
function refuse(error: unknown, after: readonly Json[], { lineOf }: CsvFile): never {
  const faults = settingFaults(error);
  if (!faults) throw error;
  throw unfit(faults.map(({ path, message }): SettingFault => {
    const [, index, key] = /^sources\[\d+\]\.\w+\.\w+\[(\d+)\](?:\.(.*))?$/.exec(path) ?? [];
    const line = index === undefined ? undefined : lineOf.get(after[Number(index)] ?? null);
    return { path: line === undefined ? path : `line ${line}${key === undefined ? "" : ` (${key})`}`, message };
  }));
}

function unfit(errors: readonly SettingFault[]): Refusal {
  const [first] = errors;
  return new Refusal({
    status: 422,
    code: "csv_unfit",
    title: "The CSV cannot be taken",
    detail: first && `${first.path}: ${first.message}${errors.length > 1 ? `; and ${errors.length - 1} more` : ""}`,
    errors: errors.slice(0, 200),
  });
}

function toldNames(entries: readonly Json[]): z.output<typeof names> {
  return { count: entries.length, names: entries.slice(0, MAX_NAMES).map((each) => entryName(each) ?? "") };
}
