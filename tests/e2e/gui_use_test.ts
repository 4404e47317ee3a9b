/** What people do with the pages, against an API that is played: each request they lead to, and what is shown of the answer. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Browser, Page } from "playwright-core";
import { GuiStand, openBrowser, openPage } from "./gui_stand.ts";
import { answerAll, browseNodes, CONFIG, logLine, sourceItem, sourceNow, statusAt } from "../fakes/gui_fixtures.ts";
import type { FakeGui } from "../fakes/gui_api.ts";
import { told } from "../fakes/gui_spool.ts";
import { eventually } from "../wait.ts";

interface Desk {
  readonly gui: FakeGui;
  readonly page: Page;
  readonly origin: string;
}

/** A test in one browser for all of them: it takes a second to start. */
function inBrowser(t: Deno.TestContext, browser: Browser) {
  return (name: string, path: string, test: (desk: Desk) => Promise<void>, prepare = (_gui: FakeGui) => {}) =>
    t.step(name, async () => {
      await using stand = await GuiStand.open();
      answerAll(stand.gui);
      stand.gui.emit("status", statusAt(0));
      prepare(stand.gui);
      await using opened = await openPage(browser, stand.origin + path);
      opened.page.setDefaultTimeout(10_000);
      await test({ gui: stand.gui, page: opened.page, origin: stand.origin });
      assert.deepEqual(opened.faults, []);
    });
}

const nobody = (gui: FakeGui) => void (gui.viewer = undefined);

Deno.test("getting in", async (t) => {
  await using browser = await openBrowser();
  const step = inBrowser(t, browser);
  await step(
    "a wrong password is told, and the right one leads to the page that was asked for",
    "/logs",
    async ({ gui, page }) => {
      gui.answers.set("POST /api/session", 401);
      await page.getByLabel("User name").fill("anna");
      await page.getByLabel("Password").fill("wrong");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      assert.match(await page.getByRole("alert").innerText(), /The fake says 401/);
      gui.answers.set("POST /api/session", () => {
        gui.viewer = { name: "anna", role: "viewer", csrf: "token" };
        return { username: "anna" };
      });
      await page.getByLabel("Password").fill("right");
      await page.keyboard.press("Enter");
      await page.waitForURL("**/logs");
      assert.deepEqual(gui.sent.at(-1), ["POST /api/session", { username: "anna", password: "right" }]);
    },
    nobody,
  );
  await step("the first administrator is made with the code of the log", "/setup", async ({ gui, page }) => {
    gui.answers.set("POST /api/setup", () => {
      gui.viewer = { name: "anna", role: "administrator", csrf: "token" };
      gui.isSetUp = true;
      return { username: "anna" };
    });
    await page.getByLabel("Setup code").fill("ABCD-1234");
    await page.getByLabel("User name").fill("anna");
    await page.getByLabel("Password", { exact: true }).fill("a long sentence");
    await page.getByLabel("Password again").fill("another one");
    await page.getByRole("button", { name: "Make the administrator" }).click();
    await page.getByText("The two passwords differ").waitFor();
    await page.getByLabel("Password again").fill("a long sentence");
    await page.getByRole("button", { name: "Make the administrator" }).click();
    await page.waitForURL("**/start");
    const [, body] = gui.sent[0] ?? [];
    assert.deepEqual(body, { code: "ABCD-1234", username: "anna", password: "a long sentence" });
  }, (gui) => {
    nobody(gui);
    gui.isSetUp = false;
  });
  await step("a session that has ended leads to the login", "/monitoring", async ({ gui, page }) => {
    await page.waitForSelector("#letters-title");
    nobody(gui);
    gui.answers.set("GET /api/dlq", 401);
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.waitForURL("**/login?next=%2Fmonitoring");
  });
});

Deno.test("Monitoring", async (t) => {
  await using browser = await openBrowser();
  const step = inBrowser(t, browser);
  await step("values change as they come", "/monitoring", async ({ gui, page }) => {
    const waiting = page.locator(".tile", { hasText: "Waiting rows" }).locator("dd");
    await waiting.getByText("5,300").waitFor();
    gui.emit("status", statusAt(10));
    await waiting.getByText("5,410").waitFor();
    await page.getByText("240/s").first().waitFor();
  });
  await step("a lost connection is told, and that it is back", "/monitoring", async ({ gui, page }) => {
    await page.waitForSelector("#letters-title");
    gui.setLive(false);
    await page.locator('[data-live="lost"]').waitFor();
    await page.getByText("The connection to the connector is lost").waitFor();
    gui.setLive(true);
    await page.locator('[data-live="live"]').waitFor();
    assert.equal(await page.getByText("The connection to the connector is lost").count(), 0);
  });
  await step("a connector that does not answer at all is told", "/monitoring", async ({ page }) => {
    await page.getByText("The connector does not answer").waitFor();
  }, (gui) => gui.setLive(false));
  await step("500 sources are shown page by page, those in trouble first", "/monitoring", async ({ page }) => {
    const cards = page.locator("#sources-title").locator("xpath=../..").locator(".card");
    await cards.first().waitFor();
    assert.equal(await cards.count(), 24);
    assert.match(await cards.first().innerText(), /source_499/);
    await page.getByLabel("Find a source").fill("source_123");
    await eventually("one card", async () => await cards.count() === 1);
  }, (gui) => {
    const all = Array.from({ length: 500 }, (_, n) => [`source_${n}`, sourceNow(n === 499 ? { state: "halted" } : {})]);
    gui.emit("status", statusAt(0, Object.fromEntries(all)));
  });
  await step("dead letters are replayed by the keyboard alone", "/monitoring", async ({ gui, page }) => {
    gui.answers.set("POST /api/dlq/replay", told([{ kind: "end", letters: 1, rows: 3, failures: [], left: 0 }]));
    await page.getByRole("button", { name: "Letter 2: detail" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("{ half").waitFor();
    await page.locator("dialog[open]").getByRole("button", { name: "Replay" }).focus();
    await page.keyboard.press("Enter");
    const question = page.getByRole("dialog", { name: "Replay dead letters" });
    await question.getByRole("button", { name: "Replay" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Replayed 1 letter as 3 rows.").waitFor();
    assert.deepEqual(gui.sent, [["POST /api/dlq/replay", { ids: [2] }]]);
    assert.equal(await page.locator("dialog").count(), 0);
  });
  await step("letters that stay say why, and Escape gives the focus back", "/monitoring", async ({ gui, page }) => {
    const end = { kind: "end", letters: 0, rows: 0, failures: ["Dead letter 1 stays"], stayed: 1, left: 0 };
    gui.answers.set("POST /api/dlq/replay", told([end]));
    await page.getByRole("button", { name: "Replay all" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Replay" }).click();
    await page.getByText("Dead letter 1 stays").waitFor();
    await page.keyboard.press("Escape");
    await eventually(
      "the focus is back",
      () => page.evaluate(() => document.activeElement?.textContent === "Replay all"),
    );
  });
  await step("a viewer is offered nothing that changes anything", "/monitoring", async ({ page }) => {
    await page.waitForSelector("#letters-title");
    assert.equal(await page.getByRole("button", { name: /Replay|Purge/ }).count(), 0);
  }, (gui) => void (gui.viewer = { name: "vera", role: "viewer", csrf: "token" }));
  await step("a refused request is told where it was made", "/monitoring", async ({ page }) => {
    await page.getByText("The fake says 409").waitFor();
  }, (gui) => void gui.answers.set("GET /api/dlq", 409));
});

Deno.test("Logs", async (t) => {
  await using browser = await openBrowser();
  const step = inBrowser(t, browser);
  await step("lines appear as they are written, and wait while it is paused", "/logs", async ({ gui, page }) => {
    await page.getByText("Line 40 of the log").waitFor();
    gui.emit("logs", logLine(41));
    await page.getByText("Line 41 of the log").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    gui.emit("logs", logLine(42));
    await page.getByRole("button", { name: "Show 1 new" }).waitFor();
    assert.equal(await page.getByText("Line 42 of the log").count(), 0);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("Line 42 of the log").waitFor();
  });
  await step("filters ask the connector, and hold for new lines", "/logs", async ({ gui, page }) => {
    const asked: string[] = [];
    gui.answers.set("GET /api/logs", ({ url }: Request) => {
      asked.push(new URL(url).search);
      return { total: 0, next: null, items: [] };
    });
    await page.getByLabel("Level").selectOption("warn");
    await page.getByLabel("Source").fill("oven_line");
    await page.getByLabel("Text", { exact: true }).fill("refuses");
    await eventually(
      "the filter is asked for",
      () => asked.at(-1)?.includes("level=warn&source=oven_line&text=refuses"),
    );
    await page.getByText("No line matches").waitFor();
    gui.emit("logs", logLine(50, { level: "error", source: "press_4", message: "it refuses" }));
    gui.emit("logs", logLine(51, { level: "error", source: "oven_line", message: "it refuses too" }));
    await page.getByText("it refuses too").waitFor();
    assert.equal(await page.locator(".log").count(), 1);
  });
  await step("of 10,000 lines only those in sight exist", "/logs", async ({ page }) => {
    await page.locator(".log").first().waitFor();
    await page.locator(".window").evaluate((window) => window.scrollTop = window.scrollHeight);
    await page.getByText("Line 1 of the log").waitFor();
    assert.ok(await page.locator(".log").count() < 60);
  }, (gui) => {
    const items = Array.from({ length: 10_000 }, (_, n) => logLine(10_000 - n));
    gui.answers.set("GET /api/logs", { total: 10_000, next: null, items });
  });
});

Deno.test("Data sources", async (t) => {
  await using browser = await openBrowser();
  const step = inBrowser(t, browser);
  await step("500 sources are listed page by page, found, and stopped", "/sources", async ({ gui, page }) => {
    gui.answers.set("POST /api/sources/source_321/stop", { state: "applied" });
    await page.locator("tbody tr").first().waitFor();
    assert.equal(await page.locator("tbody tr").count(), 50);
    await page.getByLabel("Name, address or trouble").fill("source_321");
    await page.getByRole("button", { name: "Stop source_321" }).click();
    await eventually(
      "it is asked to stop",
      () => gui.sent.some(([key]) => key === "POST /api/sources/source_321/stop"),
    );
  }, (gui) => {
    const items = Array.from({ length: 500 }, (_, n) => sourceItem(`source_${n}`));
    gui.answers.set("GET /api/sources", { total: 500, items, next: null });
  });
  await step("where there is none, the first one is offered", "/sources", async ({ page }) => {
    await page.getByRole("link", { name: "Add the first source" }).click();
    await page.getByRole("heading", { name: "New source" }).waitFor();
  }, (gui) => void gui.answers.set("GET /api/sources", { total: 0, items: [], next: null }));
  await step("50,000 nodes of a device are walked through", "/sources/press_4", async ({ gui, page }) => {
    gui.answers.set("POST /api/sources/press_4/browse", async (request: Request) => {
      const { under } = gui.sent.at(-1)?.[1] as { under?: string }; // the page's own request
      await request.text().catch(() => {});
      return under === undefined
        ? { nodes: browseNodes(10), is_cut: false }
        : { nodes: browseNodes(5000, `${under.slice(7)}.Tag`), is_cut: true };
    });
    await page.getByRole("button", { name: "Browse" }).click();
    for (let area = 9; area >= 0; area--) {
      await page.getByRole("button", { name: `Open Area ${area}`, exact: true }).click();
    }
    await page.getByText("50,010 shown").waitFor();
    await page.getByText("more than 5,000 nodes").waitFor();
    await page.locator(".window").evaluate((window) => window.scrollTop = window.scrollHeight);
    await page.getByText("Area9.Tag 4999", { exact: false }).waitFor();
    assert.ok(await page.locator(".tree-row").count() < 80);
  });
  await step("a device that cannot be reached is told with its reason", "/sources/press_4", async ({ page }) => {
    await page.getByRole("button", { name: "Test connection" }).click();
    await page.getByText("the cable is out").waitFor();
  }, (gui) => {
    const error = { code: "unreachable", message: "Cannot connect: the cable is out" };
    gui.answers.set("POST /api/sources/press_4/test", {
      endpoint: null,
      samples: [],
      refused: [],
      no_value: [],
      error,
    });
  });
  await step("a new source is filled in, planned and applied", "/sources/new", async ({ gui, page }) => {
    gui.answers.set("PUT /api/config", ({ headers }: Request) => {
      assert.equal(headers.get("if-match"), '"1"');
      assert.equal(headers.get("x-csrf"), "token");
      return { id: "1", state: "applied" };
    });
    await page.getByLabel("Protocol").selectOption("mqtt");
    await page.getByLabel("Name *").fill("oven");
    await page.getByLabel("Endpoint *").fill("mqtt://broker:1883");
    await page.getByRole("button", { name: "Add an entry" }).last().click();
    await page.getByRole("button", { name: "Review the change" }).click();
    await page.getByText("This must be filled in").waitFor();
    await page.getByLabel("Topic *").pressSequentially("sensors/#"); // typing must not fold the entry
    await page.getByLabel("Qos").selectOption("2");
    await page.getByRole("button", { name: "Review the change" }).click();
    await page.getByRole("button", { name: "Apply" }).click();
    await page.waitForURL("**/sources/oven");
    const source = {
      protocol: "mqtt",
      name: "oven",
      endpoint: "mqtt://broker:1883",
      mqtt: { topics: [{ topic: "sensors/#", qos: 2 }] },
    };
    const patch = { sources: [source] };
    assert.deepEqual(gui.sent, [["POST /api/config/plan", patch], ["PUT /api/config", patch]]);
  });
  await step("what is typed by keyboard is what is planned and applied", "/sources/new", async ({ gui, page }) => {
    const planned = Promise.withResolvers<void>();
    const made = Promise.withResolvers<void>();
    const plan = gui.answers.get("POST /api/config/plan");
    gui.answers.set("POST /api/config/plan", () => planned.promise.then(() => Response.json(plan)));
    gui.answers.set("PUT /api/config", () => made.promise.then(() => Response.json({ id: "1", state: "applied" })));
    try {
      await page.getByLabel("Protocol").selectOption("modbus");
      await page.getByLabel("Name *").fill("meter");
      await page.getByLabel("Endpoint *").fill("modbus+tcp://meter:502");
      await page.getByRole("button", { name: "Add an entry" }).last().click();
      await page.getByLabel("Name *").last().fill("power");
      await page.getByLabel("Address *").fill("1");
      const factor = page.getByLabel("Scale factor");
      await factor.focus();
      await page.keyboard.type("0.0");
      await page.getByRole("button", { name: "Review the change" }).click();
      await eventually("the plan is asked for", () => gui.sent.length === 1);
      await factor.focus();
      await page.keyboard.press("End");
      await page.keyboard.type("5");
      assert.equal(await factor.inputValue(), "0.05");
      planned.resolve();
      await page.getByRole("button", { name: "Apply" }).click();
      await page.getByText("Applying.").waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      assert.ok(await page.getByRole("button", { name: "Cancel" }).isDisabled());
      made.resolve();
      await page.waitForURL("**/sources/meter");
      const registers = [{ name: "power", address: 1, scale_factor: 0.05 }];
      const source = { protocol: "modbus", name: "meter", endpoint: "modbus+tcp://meter:502", modbus: { registers } };
      assert.deepEqual(gui.sent.at(-1), ["PUT /api/config", { sources: [source] }]);
    } finally {
      // No answer that is waited for outlives the step.
      planned.resolve();
      made.resolve();
    }
  });
  await step("only what was changed is sent, and no secret", "/sources/press_4/edit", async ({ gui, page }) => {
    await page.getByLabel("Username").fill("edge2");
    await page.getByText("1: ns=2;s=Temperature").click();
    await page.getByLabel("Sampling interval (ms)").fill("");
    await page.getByRole("button", { name: "Review the change" }).click();
    await page.getByRole("button", { name: "Apply" }).waitFor();
    const opcua = { username: "edge2", nodes: [{ node_id: "ns=2;s=Temperature" }] };
    assert.deepEqual(gui.sent, [["POST /api/config/plan", { sources: [{ opcua, name: "press_4" }] }]]);
  });
  await step("what the connector finds wrong stands at its field", "/sources/press_4/edit", async ({ gui, page }) => {
    const errors = [{ path: "sources[0].opcua.nodes[0].node_id", message: "is read twice" }];
    const body = { status: 422, code: "config_invalid", title: "Not valid", errors };
    gui.answers.set("POST /api/config/plan", () => Response.json(body, { status: 422 }));
    await page.getByLabel("Username").fill("edge2");
    await page.getByRole("button", { name: "Review the change" }).click();
    const field = page.getByLabel("Node id *");
    await field.waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    await page.getByText("is read twice").waitFor();
  });
  await step(
    "a change that was taken back says why, and stays in the form",
    "/sources/press_4/edit",
    async ({ gui, page }) => {
      gui.answers.set("PUT /api/config", 409);
      await page.getByLabel("Username").fill("edge2");
      await page.getByRole("button", { name: "Review the change" }).click();
      await page.getByRole("button", { name: "Apply" }).click();
      await page.getByText("The fake says 409").waitFor();
      await page.getByRole("button", { name: "Cancel" }).click();
      assert.equal(await page.getByLabel("Username").inputValue(), "edge2");
    },
  );
  await step(
    "a change that did not start can be kept, for a device that is away",
    "/sources/press_4/edit",
    async (desk) => {
      const { gui, page } = desk;
      const asked: string[] = [];
      const body = {
        status: 409,
        code: "change_not_applied",
        title: "Not applied",
        detail: "press_4 is not connected",
      };
      gui.answers.set("PUT /api/config", ({ url }: Request) => {
        asked.push(new URL(url).search);
        return asked.length === 1 ? Response.json(body, { status: 409 }) : { id: "1", state: "applied" };
      });
      await page.getByLabel("Username").fill("edge2");
      await page.getByRole("button", { name: "Review the change" }).click();
      await page.getByRole("button", { name: "Apply" }).click();
      await page.getByText("press_4 is not connected").waitFor();
      await page.getByRole("button", { name: "Apply although it does not start" }).click();
      await page.waitForURL("**/sources/press_4");
      assert.deepEqual(asked, ["", "?even_if_down=true"]);
    },
  );
  await step("a source is removed after its plan was seen", "/sources/press_4", async ({ gui, page }) => {
    gui.answers.set("PUT /api/config", { id: "1", state: "applied" });
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("button", { name: "Apply" }).click();
    await page.waitForURL("**/sources");
    assert.deepEqual(gui.sent.at(-1), ["PUT /api/config", { sources: [{ name: "press_4", deleted: true }] }]);
  });
});

Deno.test("Settings", async (t) => {
  await using browser = await openBrowser();
  const step = inBrowser(t, browser);
  await step(
    "a block that is not there is shown as it is without: Zerobus is off",
    "/zerobus",
    async ({ gui, page }) => {
      await page.getByText("Zerobus (default)").click();
      assert.equal(await page.getByLabel("Enabled").first().isChecked(), false);
      await page.getByLabel("Enabled").first().check();
      await page.getByRole("button", { name: "Review the change" }).click();
      await page.getByRole("button", { name: "Apply" }).waitFor();
      assert.deepEqual(gui.sent.at(-1)?.[1], { zerobus: { enabled: true } });
    },
    (gui) =>
      void gui.answers.set("GET /api/config", { ...CONFIG, config: { zerobus: { enabled: false } }, origins: {} }),
  );
  await step("values of the YAML are marked, and secrets are not shown", "/zerobus", async ({ page }) => {
    await page.getByText("Set in the YAML.").waitFor();
    const secret = page.getByLabel("Client secret");
    assert.deepEqual([await secret.inputValue(), await secret.getAttribute("type")], ["", "password"]);
  });
  await step(
    "where files alone configure, it is said at the top and nothing can be saved",
    "/settings",
    async (desk) => {
      const { page, origin } = desk;
      await page.getByText("configured by config/connector.yaml alone").waitFor();
      assert.equal(await page.getByRole("button", { name: /Review the change|Import/ }).count(), 0);
      await page.getByLabel("Find a setting").fill("gui.port");
      assert.ok(await page.getByLabel("Port").isDisabled());
      for (const path of ["/sources", "/sources/press_4", "/settings/history", "/monitoring"]) {
        await page.goto(origin + path);
        await page.locator("main .note", { hasText: "configured by files alone" }).first().waitFor();
        assert.equal(
          await page.locator("a, button").filter({ hasText: /^(Add a source|Edit|Start|Stop|Roll back)$/ }).count(),
          0,
        );
      }
    },
    (gui) => {
      gui.isReadOnly = true;
      gui.answers.set("GET /api/config", { ...CONFIG, read_only: true });
    },
  );
  await step(
    "a setting is found by its words, marked until it is saved, and given back to the YAML",
    "/settings",
    async (desk) => {
      const { gui, page } = desk;
      await page.getByLabel("Find a setting").fill("how long a login");
      await page.getByText("Changed here; the YAML says something else, which this wins over.").waitFor();
      await page.getByRole("button", { name: "Back to the YAML" }).click();
      await page.getByText("1 value not saved").waitFor();
      await page.getByRole("button", { name: "Review the change" }).click();
      await page.getByRole("button", { name: "Apply" }).waitFor();
      assert.deepEqual(gui.sent, [["POST /api/config/plan", { gui: { session_hours: null } }]]);
      await page.getByRole("button", { name: "Cancel" }).click();
      const question = page.waitForEvent("dialog");
      await page.close({ runBeforeUnload: true });
      assert.equal((await question).type(), "beforeunload");
      await (await question).dismiss();
      await page.getByLabel("Find a setting").fill("no such thing");
      await page.getByText("No setting matches.").waitFor();
    },
    (gui) => {
      const config = { ...CONFIG.config, gui: { session_hours: 8 } };
      const [path, origins] = ["gui.session_hours", { "gui.session_hours": "state" }];
      gui.answers.set("GET /api/config", { ...CONFIG, config, origins, hidden: [path] });
    },
  );
  await step(
    "a change that the connector takes back after its new start says why",
    "/settings",
    async ({ gui, page }) => {
      const confirm = { within_seconds: 60, address: "http://127.0.0.1:80", text: "It holds once you log in there" };
      gui.answers.set("PUT /api/config", { id: "c9", state: "restarting", confirm });
      const change = { id: "c9", time: "2026-03-01T12:00:00Z", author: "anna", kind: "change", diff: "" };
      gui.answers.set("GET /api/config/history", () => new Response(null, { status: 503 })); // while it starts
      await page.getByLabel("Find a setting").fill("gui.port");
      await page.getByLabel("Port").fill("80");
      await page.getByRole("button", { name: "Review the change" }).click();
      await page.getByRole("button", { name: "Apply" }).click();
      const link = page.getByRole("link", { name: "Open http://127.0.0.1:80" });
      assert.equal(await link.getAttribute("href"), "http://127.0.0.1:80");
      gui.answers.set("GET /api/config/history", { items: [{ ...change, failure: "The port 80 is taken" }] });
      await page.getByText("The port 80 is taken").waitFor();
      assert.equal(await link.count(), 0, "it was taken back");
      await page.getByRole("button", { name: "Cancel" }).click();
      assert.equal(await page.getByLabel("Port").inputValue(), "80");
    },
  );
  await step(
    "an imported configuration asks for its secrets, and is reviewed before it is applied",
    "/settings",
    async (desk) => {
      const { gui, page } = desk;
      const source = { name: "oven", mqtt: { username: "edge", password: "***" } };
      const secrets = [{ path: "sources[0].mqtt.password", is_kept: false }];
      gui.answers.set("POST /api/config/import", { patch: { sources: [source] }, secrets, stays: ["gui.port"] });
      gui.answers.set("PUT /api/config", { id: "1", state: "applied" });
      await page.getByRole("button", { name: "Import" }).click();
      const file = { name: "connector.yaml", mimeType: "application/yaml", buffer: Buffer.from("version: 1") };
      await page.getByRole("dialog").getByLabel("File").setInputFiles(file);
      await page.getByText("sets gui.port, of which the file says nothing").waitFor();
      await page.getByLabel("oven.mqtt.password").fill("sesame");
      await page.getByRole("dialog").getByRole("button", { name: "Review the change" }).click();
      await page.getByRole("button", { name: "Apply" }).click();
      await page.locator("dialog").waitFor({ state: "detached" });
      const patch = { sources: [{ ...source, mqtt: { username: "edge", password: "sesame" } }] };
      assert.deepEqual(gui.sent, [
        ["POST /api/config/import", { yaml: "version: 1" }],
        ["POST /api/config/plan", patch],
        ["PUT /api/config", patch],
      ]);
    },
  );
  await step(
    "a page is walked by the keyboard: first to the content, then its parts, then what is folded",
    "/settings",
    async ({ page }) => {
      await page.locator("details").first().waitFor();
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), "To the content");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Configuration");
      const focused = () => page.evaluate(() => document.activeElement?.tagName);
      for (let stop = 0; stop < 12 && await focused() !== "SUMMARY"; stop++) await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.locator("details[open]").first().waitFor();
    },
  );
});
