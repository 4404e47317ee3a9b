/** The pages of the tabs: each is an island in the frame. */
import { ConfigPage } from "../islands/config_page.tsx";
import { Logs } from "../islands/logs.tsx";
import { Monitoring } from "../islands/monitoring.tsx";
import { Source } from "../islands/source.tsx";
import { SourceEditor } from "../islands/source_editor.tsx";
import { Sources } from "../islands/sources.tsx";
import { Island, type Visit } from "../src/web/pages/mod.ts";
import { shellPage } from "./shell.tsx";

const ZEROBUS = ["zerobus", "local_sink"];
const SETTINGS = [
  "backpressure",
  "processing",
  "resilience",
  "monitoring",
  "gui",
  "security",
  "performance",
  "deployment",
];

export function zerobusPage(visit: Visit): Response {
  const intro = "Where rows go: Databricks Zerobus Ingest, or a local file for commissioning without a workspace.";
  return configPage(visit, { title: "ZeroBus", intro, blocks: ZEROBUS });
}

export function settingsPage(visit: Visit): Response {
  const intro = "How the connector works. What is left empty is as its default says.";
  return configPage(visit, { title: "Settings", intro, blocks: SETTINGS });
}

function configPage(visit: Visit, page: { title: string; intro: string; blocks: readonly string[] }): Response {
  return shellPage(visit, {
    title: page.title,
    content: ({ role }) => <Island name="config" of={ConfigPage} props={{ ...page, role }} />,
  });
}

export function sourcesPage(visit: Visit): Response {
  return shellPage(visit, {
    title: "Data sources",
    content: ({ role }) => <Island name="sources" of={Sources} props={{ role }} />,
  });
}

export function sourcePage(visit: Visit, name: string): Response {
  return shellPage(visit, {
    title: name,
    content: ({ role }) => <Island name="source" of={Source} props={{ name, role }} />,
  });
}

export function newSourcePage(visit: Visit): Response {
  const like = new URL(visit.request.url).searchParams.get("like");
  const props = like === null ? {} : { like };
  return shellPage(visit, {
    title: "New source",
    content: () => <Island name="source-editor" of={SourceEditor} props={props} />,
  });
}

export function editSourcePage(visit: Visit, name: string): Response {
  return shellPage(visit, {
    title: `Edit ${name}`,
    content: () => <Island name="source-editor" of={SourceEditor} props={{ name }} />,
  });
}

export function monitoringPage(visit: Visit): Response {
  return shellPage(visit, {
    title: "Monitoring",
    content: ({ role }) => <Island name="monitoring" of={Monitoring} props={{ role }} />,
  });
}

export function logsPage(visit: Visit): Response {
  return shellPage(visit, { title: "Logs", content: () => <Island name="logs" of={Logs} props={{}} /> });
}
