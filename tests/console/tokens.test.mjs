// The life of a token, from its creation to its end, as a person sees it and as its client does.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, logIn, openPage, screenshot } from "./browser.mjs";
import { Gateway, waitUntil } from "./gateway.mjs";

const kName = `Shop <img src=x onerror=alert(1)> <b>"bold"</b>`;
const kList = "/2.0/customers/list";

let gateway;
let browser;
let page;
before(async () => {
    gateway = await Gateway.start();
    browser = await launch();
    page = await openPage(browser, { permissions: ["clipboard-read", "clipboard-write"] });
    await logIn(page, gateway);
});
after(async () => {
    await browser?.close();
    await gateway?.close();
});

/** What the dialog of new credentials shows; leaves it through its confirmation. */
async function takeCredentials() {
    const dialog = page.getByRole("dialog");
    await dialog.getByText("cannot be recovered").waitFor();
    const shown = (name) => dialog.locator(`[data-credential=${name}]`).textContent();
    const token = { api_key: await shown("API_KEY"), api_secret: await shown("API_SECRET") };
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    assert.ok(await dialog.getByRole("button", { name: "Close" }).isDisabled(), "it closes before the promise");
    await dialog.getByRole("button", { name: "Copy API_SECRET" }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), token.api_secret);
    await dialog.getByLabel("I have stored the credentials safely").check();
    await screenshot(page, "credentials");
    await dialog.getByRole("button", { name: "Close" }).click();
    await dialog.waitFor({ state: "detached" });
    const left = await page.evaluate(() => document.documentElement.outerHTML + [...document.querySelectorAll("input, textarea")].map((e) => e.value).join());
    for (const secret of Object.values(token)) assert.ok(!left.includes(secret), "a credential stayed in the page");
    return token;
}

const row = () => page.getByRole("row").filter({ hasText: "Shop <img" });

let token;
test("a token is made, and its credentials are shown once", async () => {
    await page.getByText("There are no tokens yet.").waitFor();
    await screenshot(page, "tokens-none");
    await page.getByRole("button", { name: "Create token" }).click();
    const dialog = page.getByRole("dialog", { name: "Create token" });
    await dialog.getByLabel("Name").fill(kName);
    for (const section of ["customers", "payments", "transactions"]) await dialog.getByLabel(section, { exact: true }).check();
    await dialog.getByLabel("Read-Write").check();
    await screenshot(page, "create");
    await dialog.getByRole("button", { name: "Create" }).click();
    token = await takeCredentials();
    assert.match(token.api_key, /^kwk_live_ak_/);
    await row().getByText(kName, { exact: true }).waitFor();
    assert.match(await row().textContent(), /Live.*Read-Write.*customers.*payments.*transactions.*Never/);
    assert.equal(await page.locator("img[src=x], td b").count(), 0, "a name became markup");
});

test("its use shows under Last used, and by section", async () => {
    assert.equal(gateway.curl(token, kList).status, 200);
    await waitUntil(async () => {
        await page.reload();
        await row().waitFor();
        return (await row().textContent()).includes("just now");
    }, "the use to show");
    await screenshot(page, "tokens-used");
    await row().getByRole("link", { name: kName }).click();
    await page.getByRole("heading", { name: kName }).waitFor();
    const use = page.getByRole("row").filter({ hasText: "customers" });
    assert.match(await use.first().textContent(), /customersjust nowNever/);
    assert.match(await page.getByRole("row").filter({ hasText: "payments" }).first().textContent(), /paymentsNeverNever/);
    await page.getByText("token.create").waitFor();
    await page.getByText("Allowed requests a day (UTC), used on 1 day of the last 30").waitFor();
    assert.ok(await page.locator(".chart canvas").isVisible());
    await page.getByText("Not used in the last 30 days: payments, transactions.").waitFor();
    await page.getByText("As a table").click();
    const day = page.getByRole("table", { name: "Reads / writes by day and section" }).getByRole("row").nth(1);
    assert.match(await day.textContent(), /^\d{4}-\d\d-\d\d1 \/ 0$/);
});

test("one click narrows it to what is used", async () => {
    await page.getByRole("button", { name: "Narrow to what is used" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Sections that go: payments, transactions.").waitFor();
    await screenshot(page, "narrow");
    await dialog.getByRole("button", { name: "Narrow" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("token.update").waitFor();
    const refused = gateway.curl(token, "/1.0/payments/list");
    assert.deepEqual([refused.status, refused.body.reason], [403, "section_not_granted"]);
    assert.equal(gateway.curl(token, "/2.0/customers/create", { body: { first_name: "T" } }).body.reason, "write_not_granted");
    assert.equal(gateway.curl(token, kList).status, 200);
});

test("switched off it is refused with the next call, and switched on again let in", async () => {
    await page.getByRole("link", { name: "All tokens" }).click();
    const live = row().getByRole("switch");
    await live.click();
    await row().getByText("Disabled").waitFor();
    assert.equal(await live.getAttribute("aria-checked"), "false");
    assert.deepEqual([gateway.curl(token, kList).status, gateway.curl(token, kList).body.reason], [403, "token_disabled"]);
    await live.focus();
    await page.keyboard.press("Space");
    await row().getByText("Live").waitFor();
    assert.equal(gateway.curl(token, kList).status, 200);
});

test("rotated with an overlap both secrets work, without one only the new", async () => {
    await row().getByRole("link", { name: kName }).click();
    const rotate = async (overlap) => {
        await page.getByRole("button", { name: "Rotate secret" }).click();
        await page.getByLabel("How long the old secret still works").selectOption(overlap);
        await screenshot(page, "rotate");
        await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
        return takeCredentials();
    };
    const second = await rotate("24h");
    assert.equal(second.api_key, token.api_key);
    assert.equal(gateway.curl(token, kList).status, 200);
    assert.equal(gateway.curl(second, kList).status, 200);
    await page.getByText("Old secret works until").waitFor();
    const third = await rotate("0s");
    assert.equal(gateway.curl(second, kList).body.reason, "credential_invalid");
    assert.equal(gateway.curl(third, kList).status, 200);
    token = third;
});

test("an edit is kept, and does not undo what somebody else did meanwhile", async () => {
    const open = async () => {
        await page.getByRole("button", { name: "Edit" }).click();
        return page.getByRole("dialog");
    };
    const id = page.url().split("/").pop();
    let dialog = await open();
    await dialog.getByLabel("Name").fill("Renamed");
    await dialog.getByLabel("Allowed addresses").fill("192.0.2.0/24\n127.0.0.1");
    await screenshot(page, "edit");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Renamed" }).waitFor();
    await page.getByText("192.0.2.0/24, 127.0.0.1/32").or(page.getByText("192.0.2.0/24, 127.0.0.1")).first().waitFor();

    dialog = await open();
    gateway.kwikgate(["token", "update", id, "--name", "Somebody else's"]);
    await dialog.getByLabel("Name").fill("Mine");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("alert").waitFor();
    await screenshot(page, "edit-conflict");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal(JSON.parse(gateway.kwikgate(["token", "show", id, "--json"])).name, "Somebody else's");

    dialog = await open();
    await dialog.getByLabel("Allowed addresses").fill("nowhere");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("alert").getByText("allowed_ips").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
});

test("deleted it is gone, and the audit log tells who did what", async () => {
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete for good" }).click();
    await page.getByText("There are no tokens yet.").waitFor();
    assert.equal(gateway.curl(token, kList).body.reason, "credential_invalid");
    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByRole("cell", { name: "token.delete" }).waitFor();
    const actions = await page.locator("tbody tr td:nth-child(3)").allTextContents();
    assert.deepEqual(actions.slice(0, 9), ["token.delete", "token.update", "token.update", "token.rotate", "token.rotate", "token.enable", "token.disable", "token.update", "token.create"]);
    await page.getByText(`admin:${gateway.adminKeyId}`).first().waitFor();
    await screenshot(page, "audit");
    await page.getByLabel("Action").selectOption("token.rotate");
    await waitUntil(async () => (await page.locator("tbody tr").count()) === 2, "the filter");
});

test("nothing went wrong in the browser meanwhile", () => assert.deepEqual(page.faults, []));
