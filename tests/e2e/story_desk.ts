/** Somebody at a desk, who does things with the pages of a running connector, and looks at each. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { PASSWORD } from "./running_api.ts";
import { axeFaults, openPage, overflow } from "./gui_stand.ts";

/** Where the story's pictures go: `GUI_PICTURES=docs/pictures deno test -A tests/e2e/gui_story_test.ts`. */
const PICTURES = Deno.env.get("GUI_PICTURES");

export interface Desk extends AsyncDisposable {
  readonly page: Page;
  readonly faults: readonly string[];
  /** Opens a page and waits until its islands answer. */
  open(path: string): Promise<void>;
  /** Nothing for axe to complain of, nothing beside the window; and a picture of it, where pictures are wanted. */
  look(name: string): Promise<void>;
  /** A picture of what is there, where pictures are wanted. */
  picture(name: string): Promise<void>;
  button(name: string | RegExp): Locator;
}

export interface DeskOptions extends BrowserContextOptions {
  /** Ends the names of pictures: `wide_light`. */
  readonly look: string;
}

export async function sitDown(browser: Browser, origin: string, { look, ...options }: DeskOptions): Promise<Desk> {
  const opened = await openPage(browser, origin, options);
  const { page, faults } = opened;
  page.setDefaultTimeout(15_000);
  const picture = async (name: string) => {
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/gui_${name}_${look}.png` });
  };
  return {
    page,
    faults,
    picture,
    async open(path) {
      await page.goto(origin + path);
      await ready(page);
    },
    async look(name) {
      assert.deepEqual(await axeFaults(page), [], name);
      assert.equal(await overflow(page), 0, `${name} is wider than its window`);
      await picture(name);
    },
    button: (name) => page.getByRole("button", { name }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** Resolves when all islands of the page answer. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document.querySelector("[data-ready]") && !document.querySelector("[data-island]:not([data-ready])")
  );
}

/** Makes the administrator `anna` with the setup code, on the page that a new installation opens with. */
export async function setUp({ page, button, look }: Desk, code: string): Promise<void> {
  await ready(page);
  await page.getByLabel("Setup code").fill(code);
  await page.getByLabel("User name").fill("anna");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await look("story_setup");
  await button("Make the administrator").click();
  await page.waitForURL(({ pathname }) => pathname !== "/setup");
}

/** Gives the connector a certificate or a key: what was read of it is shown before it is kept. */
export async function upload({ page, open, button, look }: Desk, name: string, text: string): Promise<void> {
  await open("/certificates");
  await button("Upload a certificate or key").first().click();
  const dialog = page.getByRole("dialog");
  await dialog.locator("input[type=file]").setInputFiles({
    name,
    mimeType: "application/x-pem-file",
    buffer: Buffer.from(text),
  });
  await dialog.getByText(/^A (certificate|private key)/).waitFor();
  await look("story_upload");
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await dialog.waitFor({ state: "detached" });
}

/** Reviews what a form says, looks at what it would change, and applies it; `done` resolves when it holds. */
export async function applyForm({ page, button }: Desk, shows: RegExp, done: () => Promise<unknown>): Promise<void> {
  await button("Review the change").click();
  await page.getByRole("dialog").getByText(shows).first().waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Apply" }).click();
  await done();
}
