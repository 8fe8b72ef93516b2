// Who may do what in the console, and what it does when the session or the network goes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { createServer, request } from "node:http";

import { launch, logIn, openPage, screenshot } from "./browser.mjs";
import { Gateway, waitUntil } from "./gateway.mjs";

/** A call with any header, which fetch() would not let a program set. */
function ask(url, options) {
    return new Promise((done, fail) => {
        const call = request(url, options, async (answer) => {
            let text = "";
            for await (const part of answer) text += part;
            done({ status: answer.statusCode, body: JSON.parse(text) });
        });
        call.on("error", fail);
        call.end();
    });
}

let gateway;
let browser;
before(async () => {
    gateway = await Gateway.start();
    browser = await launch();
    gateway.createToken("Shop", ["customers", "payments"]);
});
after(async () => {
    await browser?.close();
    await gateway?.close();
});

test("a viewer sees everything and changes nothing", async () => {
    const page = await openPage(browser);
    await logIn(page, gateway, gateway.createKey("Ann", "viewer").key);
    await page.getByText("Ann · viewer").waitFor();
    await page.getByRole("link", { name: "Shop" }).waitFor();
    assert.ok(await page.getByRole("switch").isDisabled());
    assert.equal(await page.getByRole("button", { name: "Create token" }).count(), 0);
    await screenshot(page, "viewer");
    await page.getByRole("link", { name: "Shop" }).click();
    await page.getByRole("heading", { name: "Shop" }).waitFor();
    for (const name of ["Edit", "Rotate secret", "Delete", "Narrow to what is used"]) assert.equal(await page.getByRole("button", { name }).count(), 0, name);
    // What the page does not offer is refused all the same.
    const id = page.url().split("/").pop();
    const refused = await page.evaluate(async (path) => {
        const headers = { "X-Kwikgate-Page-Key": sessionStorage.getItem("kwikgate-page-key") };
        const answer = await fetch(path, { method: "POST", headers });
        return [answer.status, (await answer.json()).code];
    }, `/api/v1/tokens/${id}/disable`);
    assert.deepEqual(refused, [403, "role_not_allowed"]);
    assert.deepEqual(page.faults, []);
});

test("a session that ended leads to the login, and from there back to the same screen", async () => {
    const page = await openPage(browser);
    const key = gateway.createKey("Bob", "admin");
    await logIn(page, gateway, key.key);
    await page.getByRole("link", { name: "Shop" }).click();
    await page.getByRole("heading", { name: "Shop" }).waitFor();
    gateway.kwikgate(["admin", "key", "delete", key.id]);
    await page.getByRole("switch").click();
    await page.getByText("The session ended").waitFor();
    await screenshot(page, "session-ended");
    assert.equal(await page.getByRole("heading", { name: "Shop" }).count(), 0, "what it showed is still there");
    await page.getByLabel("Admin key").fill(gateway.adminKey);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "Shop" }).waitFor();
    assert.equal(await page.getByRole("switch").getAttribute("aria-checked"), "true");
    assert.deepEqual(page.faults, []);
});

test("a login link works once, leaves nothing in the address, and changes nobody's session", async () => {
    const link = gateway.kwikgate(["admin", "login-link", gateway.adminKeyId]).trim();
    const page = await openPage(browser);
    await page.goto(link);
    await page.getByText("first admin · admin").waitFor();
    assert.equal(page.url(), `${gateway.console}/`);
    const other = await openPage(browser);
    await other.goto(link);
    await other.getByText("This login link was used already, or is too old.").waitFor();
    await screenshot(other, "link-used");
    await logIn(other, gateway, gateway.createKey("Eve", "viewer").key);
    await other.goto(gateway.kwikgate(["admin", "login-link", gateway.adminKeyId]).trim());
    await other.getByText("Eve · viewer").waitFor();
    await waitUntil(() => !other.url().includes("login="), "the ticket to leave the address");
    assert.deepEqual([page.faults, other.faults], [[], []]);
});

test("the session goes on over a reload and into new tabs, and ends in all of them", async () => {
    const page = await openPage(browser);
    await logIn(page, gateway);
    await page.reload();
    await page.getByText("first admin · admin").waitFor();
    const tab = await page.context().newPage();
    await tab.goto(gateway.console);
    await tab.getByText("first admin · admin").waitFor();
    await tab.getByRole("link", { name: "Shop" }).waitFor();
    await tab.getByRole("button", { name: "Log out" }).click();
    await tab.getByLabel("Admin key").waitFor();
    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByText("The session ended").waitFor();
    assert.deepEqual(page.faults, []);
});

test("a server at another port of this host gets the cookie, and cannot do anything with it", async () => {
    const page = await openPage(browser);
    await logIn(page, gateway);
    let cookie = "";
    const thief = createServer((request, response) => {
        cookie = request.headers.cookie ?? "";
        response.setHeader("Content-Type", "text/html");
        response.end("<title>another port</title>");
    });
    await new Promise((done) => thief.listen(0, "127.0.0.1", done));
    try {
        const tab = await page.context().newPage();
        // As a link in the console would lead there: the browser sends the cookie to any port of a host.
        await tab.goto(`http://127.0.0.1:${thief.address().port}/`);
        assert.match(cookie, /^kwikgate_session=[0-9A-Za-z]{43}$/);
        assert.equal(await tab.evaluate(() => sessionStorage.length + localStorage.length), 0);
        const heard = await tab.evaluate(
            () =>
                new Promise((done) => {
                    const channel = new BroadcastChannel("kwikgate-session");
                    channel.onmessage = (event) => done(event.data);
                    channel.postMessage({ kind: "ask" });
                    setTimeout(() => done(null), 1000);
                }),
        );
        assert.equal(heard, null);
        for (const [method, path] of [["GET", "/api/v1/tokens"], ["POST", "/api/v1/reload"], ["DELETE", "/api/v1/tokens/tok_0"]]) {
            const headers = { Cookie: cookie, Origin: gateway.console, "Sec-Fetch-Site": "same-origin" };
            const answer = await ask(gateway.console + path, { method, headers });
            assert.deepEqual([answer.status, answer.body.code], [401, "page_key_missing"], path);
        }
        await page.getByRole("link", { name: "Audit" }).click();
        await page.getByRole("cell", { name: "token.create" }).first().waitFor();
    } finally {
        thief.close();
    }
    assert.deepEqual(page.faults, []);
});

test("a page that nobody touches stops asking, so that its session can end", async () => {
    const page = await openPage(browser);
    await page.clock.install();
    await logIn(page, gateway);
    await page.getByText("kwikgate 0.").waitFor();
    let calls = 0;
    page.on("request", (request) => (calls += request.url().includes("/api/v1/status") ? 1 : 0));
    await waitUntil(async () => {
        await page.clock.runFor(15_000);
        return calls > 0;
    }, "the page to ask by itself");
    await page.clock.runFor(11 * 60_000);
    calls = 0;
    await page.clock.runFor(5 * 60_000);
    assert.equal(calls, 0);
    await page.mouse.move(100, 100);
    await waitUntil(async () => {
        await page.clock.runFor(15_000);
        return calls > 0;
    }, "the page to ask again");
    assert.deepEqual(page.faults, []);
});

test("without the network it says so, keeps what was typed, and goes on when it is back", async () => {
    const page = await openPage(browser);
    await logIn(page, gateway);
    await page.getByRole("button", { name: "Create token" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Made in a tunnel");
    await dialog.getByLabel("customers", { exact: true }).check();
    await page.context().setOffline(true);
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.getByRole("alert").getByText("The gateway does not answer.").waitFor();
    await screenshot(page, "offline-dialog");
    await page.context().setOffline(false);
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.getByLabel("I have stored the credentials safely").check();
    await dialog.getByRole("button", { name: "Close" }).click();
    await page.getByRole("link", { name: "Made in a tunnel" }).waitFor();

    await page.context().setOffline(true);
    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByRole("alert").getByText("The gateway does not answer.").waitFor();
    await screenshot(page, "offline");
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("cell", { name: "token.create" }).first().waitFor();
    assert.deepEqual(page.faults, []);
});

test("a gateway that restarts is found again", async () => {
    const page = await openPage(browser);
    await logIn(page, gateway);
    await gateway.stop();
    await page.getByLabel("Search").fill("Shop");
    await page.getByRole("alert").getByText("The gateway does not answer.").waitFor();
    await gateway.serve();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("The session ended").waitFor();
    await logIn(page, gateway);
    assert.deepEqual(page.faults, []);
});
