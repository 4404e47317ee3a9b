/** The story's outage: what Monitoring says while the workspace is away, and after. */
import { eventually } from "../wait.ts";
import type { Desk } from "./story_desk.ts";
import type { StoryPlant } from "./story_plant.ts";

const TIME = "\\d\\d:\\d\\d:\\d\\d";
const TABLES = ["opcua", "mqtt", "modbus"] as const;
/** Until a pace can be told: twenty seconds, told every ten. */
const ESTIMATE_MS = 45_000;

/** The workspace goes away: each table says since when, and when it is tried next. */
export async function startOutage(desk: Desk, plant: StoryPlant): Promise<void> {
  await desk.open("/monitoring");
  await plant.zerobus.stop();
  await plant.publisher.numbers("hall/temperature", 200);
  const panel = desk.page.getByRole("region", { name: "Rows wait" });
  const words = `Paused: breaker open since ${TIME} \\(under a minute\\)\\. Tried again at ${TIME}\\.`;
  await panel.getByText(new RegExp(words)).first().waitFor();
  for (const name of TABLES) await panel.getByText(`iot_data.bronze.${name}_bronze`).waitFor();
  await panel.getByText("They are sent by themselves once the table can be reached.").waitFor();
  await desk.page.locator(".card", { hasText: "modbus_bronze" }).getByText("Paused: breaker open").waitFor();
}

/** What waits has a pace by now, and that leads somewhere. */
export async function estimate(desk: Desk): Promise<void> {
  await desk.open("/monitoring");
  const panel = desk.page.getByRole("region", { name: "Rows wait" });
  await panel.getByText(/About [\d,]+ rows, .* of 16\.8 MB, full in about /).waitFor({ timeout: ESTIMATE_MS });
  await desk.look("story_outage");
}

/** The workspace is back: what waited arrives, of every source, and the panel goes. */
export async function endOutage({ page }: Desk, plant: StoryPlant): Promise<void> {
  const before = TABLES.map((table) => [table, plant.rows(table)] as const);
  await plant.zerobus.start();
  for (const [table, count] of before) {
    await eventually(`rows of ${table} go on`, () => plant.rows(table) > count, 20_000);
  }
  await page.getByRole("region", { name: "Rows wait" }).waitFor({ state: "detached" });
  await page.getByText("Balanced").waitFor();
}
