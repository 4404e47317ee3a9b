import assert from "node:assert/strict";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { Tokens } from "./tokens.ts";

const WANTED = { name: "scada", role: "viewer", owner: "ada", expires: null } as const;

Deno.test("Tokens knows a token by its text, of which its file has none", async () => {
  await using home = await tempHome();
  const tokens = new Tokens(home.path);
  const { text, token } = tokens.add(WANTED, 1);
  assert.equal(new Tokens(home.path).verified(text.reveal(), 2)?.id, token.id);
  assert.ok(!Deno.readTextFileSync(`${home.path}/certs/tokens.json`).includes(text.reveal().slice(17)));
  for (const wrong of ["", "iot_", text.reveal().slice(0, -1), `${text.reveal().slice(0, -1)}!`, `x${text.reveal()}`]) {
    assert.equal(tokens.verified(wrong, 2), undefined, wrong);
  }
  const other = tokens.add(WANTED, 1).text.reveal();
  assert.equal(tokens.verified(text.reveal().slice(0, 17) + other.slice(17), 2), undefined);
});

Deno.test("Tokens ends a token at its time, and when it is removed", async () => {
  await using home = await tempHome();
  const tokens = new Tokens(home.path);
  const { text, token } = tokens.add({ ...WANTED, expires: 10 }, 1);
  assert.ok(tokens.verified(text.reveal(), 9));
  assert.equal(tokens.verified(text.reveal(), 10), undefined);
  tokens.remove(token.id);
  assert.equal(tokens.verified(text.reveal(), 9), undefined);
});

Deno.test("Tokens keeps when a token was used, and writes that once an hour at most", async () => {
  await using home = await tempHome();
  const tokens = new Tokens(home.path);
  const { token } = tokens.add(WANTED, 1);
  const used = () => new Tokens(home.path).all()[0]!;
  for (const [atUs, kept] of [[5, 5], [3_000e6, 5], [3_700e6, 3_700e6]] as const) {
    tokens.noteUse(tokens.all()[0]!, atUs);
    assert.equal(used().used, kept);
  }
  assert.equal(used().id, token.id);
});

Deno.test("Tokens lets a script in although its use cannot be kept", async () => {
  await using home = await tempHome();
  const tokens = new Tokens(home.path);
  const { token, text } = tokens.add(WANTED, 1);
  Deno.mkdirSync(`${home.path}/elsewhere`);
  Deno.renameSync(`${home.path}/certs/tokens.json`, `${home.path}/elsewhere/tokens.json`);
  Deno.removeSync(`${home.path}/certs`);
  Deno.symlinkSync(`${home.path}/elsewhere`, `${home.path}/certs`);
  assert.throws(() => tokens.verified(text.reveal(), 2));
  tokens.noteUse(token, 2);
});
