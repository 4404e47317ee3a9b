/** Somebody at a desk, who does things with the pages of a running connector, and looks at each. */
import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { axeFaults, COLOUR_RULES, NARROW, openPage, overflow, WIDE } from "./gui_stand.ts";
import { tabTo } from "./tab_to.ts";

/** Where the story's pictures go: `GUI_PICTURES=docs/pictures deno test -A tests/e2e/gui_story_test.ts`. */
const PICTURES = Deno.env.get("GUI_PICTURES");

/** How each state is looked at. Rules that do not hang on colours find the same in both schemes. */
const LOOKS = [
  { look: "wide_light", viewport: WIDE, colorScheme: "light", rules: undefined },
  { look: "wide_dark", viewport: WIDE, colorScheme: "dark", rules: COLOUR_RULES },
  { look: "narrow_dark", viewport: NARROW, colorScheme: "dark", rules: undefined },
  { look: "narrow_light", viewport: NARROW, colorScheme: "light", rules: COLOUR_RULES },
] as const;

export interface Desk extends AsyncDisposable {
  readonly page: Page;
  readonly faults: readonly string[];
  /** Opens a page and waits until its islands answer. */
  open(path: string): Promise<void>;
  /** Nothing for axe to complain of and nothing beside the window, wide and narrow, light and dark; and pictures, of `at`. */
  look(name: string, at?: Locator): Promise<void>;
  /** A picture of what is there, where pictures are wanted. */
  picture(name: string): Promise<void>;
  button(name: string | RegExp): Locator;
  /** Goes to a button by the Tab key, and presses Enter. */
  press(name: string): Promise<void>;
}

export async function sitDown(browser: Browser, origin: string, options: BrowserContextOptions = {}): Promise<Desk> {
  const opened = await openPage(browser, origin, { viewport: WIDE, colorScheme: "light", ...options });
  const { page, faults } = opened;
  page.setDefaultTimeout(15_000);
  const picture = async (name: string) => {
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/gui_${name}.png` });
  };
  return {
    page,
    faults,
    picture,
    async open(path) {
      await page.goto(origin + path);
      await ready(page);
    },
    async look(name, at) {
      for (const { look, viewport, colorScheme, rules } of LOOKS) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(viewport);
        assert.deepEqual(await axeFaults(page, rules), [], `${name}, ${look}`);
        assert.equal(await overflow(page), 0, `${name}, ${look}, is wider than its window`);
        await at?.scrollIntoViewIfNeeded();
        await picture(`${name}_${look}`);
      }
      await page.emulateMedia({ colorScheme: "light" });
      await page.setViewportSize(WIDE);
    },
    button: (name) => page.getByRole("button", { name }),
    async press(name) {
      await tabTo(page, name);
      await page.keyboard.press("Enter");
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** Resolves when all islands of the page answer. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document.querySelector("[data-ready]") && !document.querySelector("[data-island]:not([data-ready])")
  );
}

/** Reviews what a form says, looks at what it would change, and applies it, all by keyboard; `done` resolves when it holds. */
export async function applyForm({ page, press }: Desk, shows: RegExp, done: () => Promise<unknown>): Promise<void> {
  await press("Review the change");
  await page.getByRole("dialog").getByText(shows).first().waitFor();
  await press("Apply");
  await done();
}
