/** The pages about certificates: those in use, and those of OPC UA servers. */
import type { VNode } from "preact";
import { Certificates } from "../islands/certificates.tsx";
import { ServerCertificates } from "../islands/certificates_servers.tsx";
import type { Caller } from "../src/service/access.ts";
import { Island, type Visit } from "../src/web/pages/mod.ts";
import { shellPage } from "./shell.tsx";

const PARTS = [
  { path: "/certificates", text: "In use" },
  { path: "/certificates/servers", text: "OPC UA servers" },
] as const;

interface Part {
  readonly title: string;
  readonly content: (viewer: Caller) => VNode;
}

function part(visit: Visit, { title, content }: Part): Response {
  const { pathname } = new URL(visit.request.url);
  return shellPage(visit, {
    title,
    content: (viewer) => (
      <>
        <nav class="parts" aria-label="Certificates">
          {PARTS.map(({ path, text }) => (
            <a key={path} href={path} aria-current={pathname === path ? "page" : undefined}>{text}</a>
          ))}
        </nav>
        {content(viewer)}
      </>
    ),
  });
}

export function certificatesPage(visit: Visit): Response {
  return part(visit, {
    title: "Certificates",
    content: ({ role }) => <Island name="certificates" of={Certificates} props={{ role }} />,
  });
}

export function serverCertificatesPage(visit: Visit): Response {
  return part(visit, {
    title: "Servers’ certificates",
    content: ({ role }) => <Island name="server-certificates" of={ServerCertificates} props={{ role }} />,
  });
}
