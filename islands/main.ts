/** The script of every page: takes over the islands that are on it. */
import { type ComponentType, h, hydrate } from "preact";

/** Of whatever props. */
type AnyComponent = ComponentType<never>;

const ISLANDS: Readonly<Record<string, () => Promise<AnyComponent>>> = {
  login: async () => (await import("./login.tsx")).Login,
  setup: async () => (await import("./setup.tsx")).Setup,
  start: async () => (await import("./setup_start.tsx")).SetupStart,
  pulse: async () => (await import("./pulse.tsx")).Pulse,
  topbar: async () => (await import("./topbar.tsx")).Topbar,
  config: async () => (await import("./config_page.tsx")).ConfigPage,
  sources: async () => (await import("./sources.tsx")).Sources,
  source: async () => (await import("./source.tsx")).Source,
  "source-editor": async () => (await import("./source_editor.tsx")).SourceEditor,
  certificates: async () => (await import("./certificates.tsx")).Certificates,
  "server-certificates": async () => (await import("./certificates_servers.tsx")).ServerCertificates,
  logs: async () => (await import("./logs.tsx")).Logs,
  users: async () => (await import("./users.tsx")).Users,
  account: async () => (await import("./account.tsx")).Account,
  tokens: async () => (await import("./tokens.tsx")).Tokens,
  audit: async () => (await import("./audit.tsx")).AuditPage,
  history: async () => (await import("./history.tsx")).History,
  monitoring: async () => (await import("./monitoring.tsx")).Monitoring,
};

async function take(place: HTMLElement): Promise<void> {
  const load = ISLANDS[place.dataset.island ?? ""];
  if (!load) return;
  const props = JSON.parse(place.dataset.props ?? "{}");
  // Props come from `Island`, which had them checked against the same component.
  hydrate(h(await load() as ComponentType, props), place);
  place.dataset.ready = "";
}

for (const place of document.querySelectorAll<HTMLElement>("[data-island]")) take(place);
