/**
 * The desk in a real browser: keys, seals, approvals, refusals, an activation, a master, a revocation.
 * `node desk/story.mjs [folder for pictures]` starts its own stage; it ends with one line of JSON.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const home = fileURLToPath(new URL("../..", import.meta.url));
const python = process.env.LOCKGATE_PYTHON ?? `${home}/.venv/bin/python`;
const browserPath = process.env.LOCKGATE_BROWSER ?? "/usr/bin/chromium";
const pictures = process.argv[2];
const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const seen = { screens: 0, axe_findings: [], console: [], passed: [], failed: [] };

const port = await new Promise((done) => {
  const server = createServer().listen(0, () => { const { port } = server.address(); server.close(() => done(port)); });
});
const stage = spawn(python, ["-m", "tests.lockgate.desk.stage", String(port)], { cwd: home, stdio: ["pipe", "pipe", "inherit"] });
const facts = await new Promise((done, failed) => {
  let text = "";
  stage.stdout.on("data", (data) => { text += data; if (text.includes("\n")) done(JSON.parse(text.split("\n")[0])); });
  stage.on("exit", (code) => failed(new Error(`the stage ended with ${code}`)));
});
const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu"] });
const context = await browser.newContext({ baseURL: facts.origin, viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
const page = await context.newPage();
page.on("console", (said) => { if (["error", "warning"].includes(said.type()) && !/status of 4|pubKeyCredParams/.test(said.text())) seen.console.push(said.text()); });
page.on("pageerror", (error) => seen.console.push(String(error)));

/** What was given to the desk, kept as vectors for the verifier where LOCKGATE_VECTORS names a file. */
const given = { enrolments: [], envelopes: [] };
page.on("request", (asked) => { const kind = new URL(asked.url()).pathname.slice(5); if (asked.method() === "POST" && kind in given) given[kind].push(asked.postDataBuffer().toString("utf8")); });

async function step(name, act) {
  try { await act(); seen.passed.push(name); } catch (error) {
    seen.failed.push(`${name}: ${String(error.message).split("\n").slice(0, 4).join(" ")}`);
    if (pictures) await page.screenshot({ path: `${pictures}/failed-${seen.failed.length}.png`, fullPage: true });
  }
}
/** Both themes, both widths: no axe finding, nothing wider than the screen, and a picture of each. */
async function look(name) {
  for (const scheme of ["light", "dark"]) {
    for (const width of [1440, 400]) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 900 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) seen.failed.push(`${name} is ${wide} px too wide at ${width}`);
      if (pictures) await page.screenshot({ path: `${pictures}/${name}-${scheme}-${width}.png`, fullPage: true });
      const axe = await page.evaluate(async ([source, tags]) => {
        if (!window.axe) throw new Error("axe is missing");
        return (await window.axe.run(document, { runOnly: { type: "tag", values: tags } })).violations.map((each) => `${each.id}: ${each.nodes[0].html.slice(0, 120)} ${each.nodes[0].failureSummary.slice(0, 200)}`);
      }, ["", tags]);
      seen.screens += 1;
      seen.axe_findings.push(...axe.map((each) => `${name} ${scheme} ${width} ${each}`));
    }
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 1440, height: 900 });
}
const heading = (text) => page.getByRole("heading", { level: 1, name: text }).waitFor();
async function go(path) {
  // A change of the part behind # alone loads nothing.
  await page.goto("about:blank");
  await page.goto(path);
  await page.waitForFunction(() => document.querySelector("h1") && !document.getElementById("page").hasAttribute("aria-busy"));
}
/** `curve`: as a browser or an authenticator would do it that knows no Ed25519. */
async function enrol(person, kind, curve) {
  await go("/keys");
  if (curve === "p256") await page.evaluate(() => {
    const make = crypto.subtle.generateKey.bind(crypto.subtle);
    crypto.subtle.generateKey = (kind, ...more) => (kind.name === "Ed25519" ? Promise.reject(new DOMException("no", "NotSupportedError")) : make(kind, ...more));
    const create = navigator.credentials.create.bind(navigator.credentials);
    navigator.credentials.create = (asked) => create({ publicKey: { ...asked.publicKey, pubKeyCredParams: [{ type: "public-key", alg: -7 }] } });
  });
  await page.getByLabel("Your short name").fill(person);
  if (kind === "passkey") await page.getByRole("radio", { name: /passkey/ }).check();
  await page.getByRole("button", { name: /Make a key/ }).click();
  await page.locator("li.key", { has: page.getByRole("heading", { name: new RegExp(person, "i") }) }).getByText("signs now").waitFor();
}
const tickAll = async () => { for (const box of await page.locator("#act input[type=checkbox], .signing input[type=checkbox]").all()) await box.check(); };
async function act(who, what, button) {
  await go(`/release/${facts.release}#act=${what}&as=${who}`);
  await tickAll();
  await page.getByRole("button", { name: button, exact: true }).click();
  await page.locator(".told").waitFor();
}
async function refusedTo(who, what, sentence) {
  await go(`/release/${facts.release}#act=${what}&as=${who}`);
  await page.locator("#act").getByText(sentence).waitFor();
  assert.equal(await page.locator("#act form").count(), 0);
}

await context.addInitScript({ path: axePath });
const devtools = await context.newCDPSession(page);
await devtools.send("WebAuthn.enable");
const authenticator = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: authenticator });
if (pictures) mkdirSync(pictures, { recursive: true });
const began = Date.now();

await step("home without a key", async () => { await go("/"); await heading("What waits for a signature"); await look("home-empty"); });
await step("a release is read without a key", async () => {
  await go(`/release/${facts.release}`);
  await heading("Supply consumption");
  assert.equal(await page.locator(".digest code").innerText(), facts.release);
  await page.locator("#act").getByText("This browser holds no key of yours").waitFor();
});
await step("what changes against what runs is read before the form, with nothing opened", async () => {
  const changes = page.locator("section[aria-labelledby=changes]");
  await changes.getByRole("heading", { name: "What changes against what runs" }).waitFor();
  await changes.getByText(`now runs release ${facts.live.slice(0, 12)}`).waitFor();
  await changes.getByText("/flow/retention/payload_days is 14 instead of 30.", { exact: true }).waitFor();
  assert.ok(await page.evaluate(() => Boolean(document.getElementById("changes").compareDocumentPosition(document.getElementById("sign")) & Node.DOCUMENT_POSITION_FOLLOWING)));
});
await step("a release before that cannot be read is said to be so", async () => {
  await page.route(`**/api/sha256/${facts.live}`, (route) => route.fulfill({ status: 404, json: { error: "not-in-store", sentence: "The store holds no such bytes." } }));
  await go(`/release/${facts.release}`);
  await page.getByText("cannot be read here, so what changes cannot be shown: The store holds no such bytes.").waitFor();
  await page.unroute(`**/api/sha256/${facts.live}`);
});
await step("a first release says that all of it is new", async () => {
  await page.route(`**/api/releases/${facts.live}`, async (route) => { const answer = await route.fetch(); await route.fulfill({ response: answer, json: { ...(await answer.json()), active: null } }); });
  await go(`/release/${facts.live}`);
  await page.getByText("Nothing runs yet: all of it is new.").waitFor();
  await page.unroute(`**/api/releases/${facts.live}`);
  await go(`/release/${facts.release}`);
});
await step("everything that is folded can be read", async () => {
  await page.evaluate(() => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
  await look("release-opened");
});
await step("a key waits, with six words", async () => {
  await go("/keys");
  await look("keys-empty");
  await page.getByLabel("Your short name").fill("Mallory Miller");
  await page.getByRole("button", { name: /Make a key/ }).click();
  await page.getByText("This is no short name").first().waitFor();
  await page.getByLabel("Your short name").fill("Mallory");
  await page.getByRole("button", { name: /Make a key/ }).click();
  await page.getByText("Waits for an administrator").waitFor();
  assert.equal((await page.locator(".phrase").innerText()).split(/\s+/).length, 6);
  await look("keys-waiting");
  await page.getByRole("button", { name: "Forget", exact: true }).click();
  await page.getByText("This browser forgets it for good").waitFor();
  await page.getByRole("button", { name: "Really forget it" }).click();
  await page.getByText("This browser holds no key").waitFor();
});
await step("people enrol by themselves in a demo", async () => {
  await enrol("ana", "browser");
  await enrol("omar", "passkey");
  await enrol("mei", "browser", "p256");
  await enrol("priya", "passkey", "p256");
  await enrol("sam", "browser");
  await enrol("noor", "passkey", "p256");
  await page.getByText("the demo enrolled you").first().waitFor();
  await look("keys");
});
await step("nobody approves before an author seals", () => refusedTo("omar", "approve", "No author has sealed this release yet"));
await step("a private key cannot be taken out of the browser", async () => {
  const name = await page.evaluate(async () => {
    const database = await new Promise((done) => { const asked = indexedDB.open("lockgate-desk", 1); asked.onsuccess = () => done(asked.result); });
    const keys = await new Promise((done) => { const asked = database.transaction("keys").objectStore("keys").getAll(); asked.onsuccess = () => done(asked.result); });
    const { pair } = keys.find((each) => each.pair);
    return crypto.subtle.exportKey("pkcs8", pair.privateKey).then(() => "taken out", (error) => error.name);
  });
  assert.equal(name, "InvalidAccessError");
});
await step("the author seals on the desk", async () => {
  await go(`/release/${facts.release}#act=author&as=ana`);
  assert.equal(await page.getByRole("button", { name: "Seal as author", exact: true }).last().isDisabled(), true);
  await look("release-author");
  await tickAll();
  await page.locator("#act button[type=submit]").click();
  await page.locator(".told").waitFor();
});
await step("an author approves nothing", () => refusedTo("ana", "approve", "Nobody approves their own work"));
await step("Omar approves by passkey, with Enter twice", async () => {
  await go(`/release/${facts.release}#act=approve&as=omar`);
  await tickAll();
  await page.locator("#act button[type=submit]").focus();
  await Promise.all([page.keyboard.press("Enter"), page.keyboard.press("Enter")]);
  await page.locator(".told").waitFor();
  await page.getByText("Approved by Omar").first().waitFor();
});
await step("nobody approves twice", async () => { await refusedTo("omar", "approve", "You have approved this release already"); await look("release-approved-once"); });
await step("a release that was sent back says who and why, and is signed by nobody", async () => {
  const address = `/release/${facts.release}#act=approve&as=mei&review=r1111111111111111`;
  const opened = async (there) => { for (let n = 0; n < 40; n += 1) { await go(address); if ((await page.getByText("sent this release back on").count() > 0) === there) return; } throw new Error("the mark is not followed"); };
  stage.stdin.write("return\n");
  await opened(true);
  await page.getByText("Sent back: it waits for nobody.").waitFor();
  await page.locator(".said").getByText("Leave out the time of use.").waitFor();
  assert.equal(await page.locator(".said img").count(), 0);
  assert.equal(await page.locator("form").count(), 0);
  assert.deepEqual(await page.locator(".choices button").allInnerTexts(), ["Revoke"]);
  await look("release-sent-back");
  await go("/");
  await page.getByRole("listitem").filter({ hasText: "Supply consumption" }).getByText("Sent back", { exact: true }).waitFor();
  assert.equal(await page.getByText(/Waits for you/).count(), 0);
  stage.stdin.write("take up\n");
  await opened(false);
});
await step("the keys page leads back to the release it was opened from", async () => {
  await go(`/release/${facts.release}#act=approve&as=mei&review=r1111111111111111`);
  await page.getByRole("link", { name: "Your keys" }).click();
  await heading("Your keys");
  assert.equal(await page.getByLabel("Your short name").inputValue(), "mei");
  await page.getByRole("heading", { name: "Every key of Mei" }).waitFor();
  await page.getByRole("link", { name: "back to the release" }).click();
  await heading("Supply consumption");
  assert.ok(page.url().includes("as=mei"));
});
await step("nobody activates too early", () => refusedTo("priya", "activate", "1 of 2 people have approved"));
await step("a passkey that does not recognise its owner signs nothing", async () => {
  await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await go(`/release/${facts.release}#act=revoke&as=omar`);
  await tickAll();
  await page.getByLabel("Why it is revoked").fill("A rehearsal of stopping");
  await page.getByRole("button", { name: "Revoke for good" }).click();
  await page.getByText("you were not recognised").first().waitFor();
  await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
  await look("release-refused");
});
await step("Mei approves by a double click", async () => {
  await go(`/release/${facts.release}#act=approve&as=mei`);
  await tickAll();
  await page.locator("#act button[type=submit]").dblclick();
  await page.locator(".told").waitFor();
  await page.getByText("It may be activated").first().waitFor();
  await look("release-ready");
});
await step("an approver activates nothing", () => refusedTo("omar", "activate", /takes the role operator/));
await step("Priya activates by keyboard alone", async () => {
  await go(`/release/${facts.release}#act=activate&as=priya`);
  for (let n = 0; n < 80 && !(await page.evaluate(() => document.activeElement?.matches("#act input"))); n += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Space"); await page.keyboard.press("Tab"); await page.keyboard.press("Space"); await page.keyboard.press("Tab"); await page.keyboard.press("Enter");
  await page.locator(".told").waitFor();
  await page.getByText("by activation 2 of").first().waitFor();
  await look("release-active");
});
await step("a step that was replaced is said to be so, and nothing more is signed on that page", async () => {
  await go("/master/items#as=sam");
  await page.route("**/api/envelopes", (route) => route.fulfill({ status: 409, json: { error: "other-view", sentence: "Step 2 was replaced by another one since you opened this page: load it again." } }));
  await tickAll();
  const sign = page.getByRole("button", { name: "Sign the change" });
  await sign.click();
  await page.getByText("Step 2 was replaced by another one since you opened this page").first().waitFor();
  assert.equal(await sign.isDisabled(), true);
  await page.unroute("**/api/envelopes");
  await page.getByRole("button", { name: "Load this page again" }).click();
  await page.waitForFunction(() => document.querySelector("h1") && !document.getElementById("page").hasAttribute("aria-busy") && !document.querySelector(".note.bad"));
});
await step("stewards sign a change of the items, one by key, one by passkey", async () => {
  await go("/master/items#as=sam");
  assert.equal(await page.locator("#rows ~ table tbody tr, section[aria-labelledby=rows] tbody tr").count(), 3);
  await page.getByText(/^Sam prepared it /).waitFor();
  await look("master");
  await tickAll();
  await page.getByRole("button", { name: "Sign the change" }).click();
  await page.getByText("Another steward signs next").first().waitFor();
  await go("/master/items#as=noor");
  await tickAll();
  await page.getByRole("button", { name: "Sign the change" }).click();
  await page.getByText("The change is in force").first().waitFor();
  await look("master-signed");
});
await step("Mei revokes the old release with a reason", async () => {
  await go(`/release/${facts.live}#act=revoke&as=mei`);
  await tickAll();
  assert.equal(await page.getByRole("button", { name: "Revoke for good" }).isDisabled(), true);
  await look("release-revoke");
  await page.getByLabel("Why it is revoked").fill("Replaced by a release that sends less");
  await page.getByRole("button", { name: "Revoke for good" }).click();
  await page.getByText("Revoked by Mei").first().waitFor();
});
await step("damaged bytes are shown to nobody", async () => {
  await page.route("**/api/sha256/*", async (route) => { const answer = await route.fetch(); await route.fulfill({ response: answer, body: Buffer.concat([await answer.body(), Buffer.from(" ")]) }); });
  await go(`/release/${facts.release}#act=approve&as=mei`);
  await page.getByText("are not what their digest says").first().waitFor();
  assert.equal(await page.locator("form").count(), 0);
  await look("release-damaged");
  await page.unroute("**/api/sha256/*");
});
await step("what is not there is said so", async () => { await go(`/release/${"0".repeat(64)}`); await page.getByText("The store holds nothing named").waitFor(); });
await step("nothing waits any more", async () => { await go("/"); await page.getByText("No release waits").waitFor(); await look("home-done"); });

seen.seconds = Math.round((Date.now() - began) / 1000);
if (process.env.LOCKGATE_VECTORS) writeFileSync(process.env.LOCKGATE_VECTORS, `${JSON.stringify(given, null, 1)}\n`);
await browser.close();
stage.stdin.end();
console.log(JSON.stringify(seen, null, 1));
process.exitCode = seen.failed.length + seen.axe_findings.length + seen.console.length > 0 ? 1 : 0;
