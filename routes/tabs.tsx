/** The pages of the tabs: each is an island in the frame. */
import { Logs } from "../islands/logs.tsx";
import { Monitoring } from "../islands/monitoring.tsx";
import { Island, type Visit } from "../src/web/pages/mod.ts";
import { shellPage } from "./shell.tsx";

export function monitoringPage(visit: Visit): Response {
  return shellPage(visit, {
    title: "Monitoring",
    content: ({ role }) => <Island name="monitoring" of={Monitoring} props={{ role }} />,
  });
}

export function logsPage(visit: Visit): Response {
  return shellPage(visit, { title: "Logs", content: () => <Island name="logs" of={Logs} props={{}} /> });
}
