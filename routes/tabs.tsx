/** The pages of the tabs: each is an island in the frame. */
import type { VNode } from "preact";
import { ConfigPage } from "../islands/config_page.tsx";
import { Logs } from "../islands/logs.tsx";
import { Monitoring } from "../islands/monitoring.tsx";
import { Source } from "../islands/source.tsx";
import { Note } from "../islands/parts/state.tsx";
import { SetupStart } from "../islands/setup_start.tsx";
import { SourceEditor, type SourceEditorProps } from "../islands/source_editor.tsx";
import { Sources } from "../islands/sources.tsx";
import type { Caller } from "../src/service/access.ts";
import { Island, type Visit } from "../src/web/pages/mod.ts";
import { shellPage } from "./shell.tsx";

const ZEROBUS = ["zerobus", "local_sink"];
export function startPage(visit: Visit): Response {
  return shellPage(visit, {
    title: "First steps",
    content: ({ role }) => <Island name="start" of={SetupStart} props={{ role }} />,
  });
}

export function zerobusPage(visit: Visit): Response {
  const intro = "Where rows go: Databricks Zerobus Ingest, or a local file for commissioning without a workspace.";
  const page = { title: "ZeroBus", intro, blocks: ZEROBUS, hasTest: true };
  return shellPage(visit, {
    title: page.title,
    content: ({ role }) => <Island name="config" of={ConfigPage} props={{ ...page, role }} />,
  });
}

export function sourcesPage(visit: Visit): Response {
  const isReadOnly = visit.deps.isReadOnly();
  return shellPage(visit, {
    title: "Data sources",
    // All that is done there changes the configuration.
    content: ({ role }) => <Island name="sources" of={Sources} props={{ role: isReadOnly ? "viewer" : role }} />,
  });
}

export function sourcePage(visit: Visit, name: string): Response {
  const isReadOnly = visit.deps.isReadOnly();
  return shellPage(visit, {
    title: name,
    content: ({ role }) => <Island name="source" of={Source} props={{ name, role, isReadOnly }} />,
  });
}

export function newSourcePage(visit: Visit): Response {
  const like = new URL(visit.request.url).searchParams.get("like");
  const props = like === null ? {} : { like };
  return shellPage(visit, {
    title: "New source",
    content: (viewer) => editor(viewer, props),
  });
}

export function editSourcePage(visit: Visit, name: string): Response {
  return shellPage(visit, {
    title: `Edit ${name}`,
    content: (viewer) => editor(viewer, { name }),
  });
}

/** What nobody else could save is not offered for filling in. */
function editor({ role }: Caller, props: SourceEditorProps): VNode {
  if (role !== "administrator") return <Note level="idle">Only an administrator adds and changes sources.</Note>;
  return <Island name="source-editor" of={SourceEditor} props={props} />;
}

export function monitoringPage(visit: Visit): Response {
  return shellPage(visit, {
    title: "Monitoring",
    content: ({ role }) => <Island name="monitoring" of={Monitoring} props={{ role }} />,
  });
}

export function logsPage(visit: Visit): Response {
  return shellPage(visit, {
    title: "Logs",
    content: ({ role }) => <Island name="logs" of={Logs} props={{ canBundle: role === "administrator" }} />,
  });
}
