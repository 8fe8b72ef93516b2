// How the console is served: types, caching, policy; and who is let in.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, logIn, openPage, screenshot } from "./browser.mjs";
import { Gateway, waitUntil } from "./gateway.mjs";

let gateway;
let browser;
before(async () => {
    gateway = await Gateway.start();
    browser = await launch();
});
after(async () => {
    await browser?.close();
    await gateway?.close();
});

test("every file has its type, a strict policy, and is kept as long as its name allows", async () => {
    const page = await fetch(gateway.console);
    const html = await page.text();
    assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(page.headers.get("cache-control"), "no-cache");
    const policy = page.headers.get("content-security-policy");
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; /);
    assert.doesNotMatch(policy, /unsafe|\*|https?:|data:/);
    assert.doesNotMatch(html, /<script(?![^>]* src="\/assets\/)|<style| style=| on[a-z]+=/);
    const assets = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map((match) => match[1]);
    assert.ok(assets.length >= 2, html);
    const types = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };
    for (const path of assets) {
        const file = await fetch(gateway.console + path);
        assert.equal(file.status, 200);
        assert.equal(file.headers.get("content-type"), types[path.split(".").pop()]);
        assert.equal(file.headers.get("cache-control"), "public, max-age=31536000, immutable");
        assert.equal(file.headers.get("x-content-type-options"), "nosniff");
        assert.equal(file.headers.get("content-encoding"), "gzip");
        const plain = await fetch(gateway.console + path, { headers: { "Accept-Encoding": "identity" } });
        assert.equal(plain.headers.get("content-encoding"), null);
        assert.equal(await file.text(), await plain.text(), "packed it is another file");
        assert.equal(file.headers.get("content-security-policy"), policy);
    }
    assert.equal((await fetch(`${gateway.console}/icon.svg`)).headers.get("content-type"), "image/svg+xml");
});

test("there is nothing beside the files, and nothing to change", async () => {
    for (const path of ["/assets/", "/assets/nothing.js", "/../icon.svg", "/src/main.tsx", "//icon.svg"]) {
        const answer = await fetch(gateway.console + path);
        assert.equal(answer.status, path === "/../icon.svg" ? 200 : 404, path); // fetch() resolves the dots.
    }
    const answer = await fetch(`${gateway.console}/`, { method: "POST" });
    assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "GET"]);
});

test("a wrong key is told so, a right one opens the console, and logging out closes it", async () => {
    const page = await openPage(browser);
    await page.goto(gateway.console);
    await page.getByLabel("Admin key").fill("kwk_admin_wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").getByText("This is not an admin key").waitFor();
    await screenshot(page, "login");
    await logIn(page, gateway);
    const cookies = await page.context().cookies();
    assert.deepEqual(cookies.map((c) => [c.httpOnly, c.sameSite]), [[true, "Strict"]]);
    assert.equal(await page.evaluate(() => document.cookie + localStorage.length), "0");
    // One half of the session, which is not in the cookie.
    const kept = await page.evaluate(() => Object.entries(sessionStorage));
    assert.deepEqual(kept.map(([name, value]) => [name, /^[0-9A-Za-z]{43}$/.test(value)]), [["kwikgate-page-key", true]]);
    assert.notEqual(kept[0][1], cookies[0].value);
    assert.ok(!(await page.content()).includes(gateway.adminKey));
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Admin key").waitFor();
    await waitUntil(async () => (await page.context().cookies()).length === 0, "the cookie to go");
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    assert.deepEqual(page.faults, []);
});
