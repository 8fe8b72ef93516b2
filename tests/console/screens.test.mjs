// Traffic, Explain and how every screen looks and reads: light and dark, by keyboard and to a screen reader.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, logIn, openPage, screenshot } from "./browser.mjs";
import { Gateway, waitUntil } from "./gateway.mjs";

const kList = "/2.0/customers/list";

let gateway;
let browser;
let shop;
before(async () => {
    gateway = await Gateway.start();
    browser = await launch();
    shop = gateway.createToken("Web shop", ["customers", "payments", "transactions", "orders"]);
    gateway.createToken("Nightly reports", ["transactions"], "read-only");
    const old = gateway.createToken("Old shop", ["customers", "orders"]);
    gateway.kwikgate(["token", "update", old.id, "--status", "disabled"]);
    gateway.curl(shop, kList);
});
after(async () => {
    await browser?.close();
    await gateway?.close();
});

/** Text whose contrast is under 4.5 (WCAG AA), and controls without a name. */
function findFlaws() {
    const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = parse(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const flaws = [];
    for (const element of document.querySelectorAll("body *")) {
        const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
        if (!hasText || !element.checkVisibility() || element.closest(":disabled, .visually-hidden, .skip, canvas")) continue;
        const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(ground(element))].sort((x, y) => y - x);
        const contrast = (a + 0.05) / (b + 0.05);
        if (contrast < 4.5) flaws.push(`${element.tagName} "${element.textContent.slice(0, 30)}" has contrast ${contrast.toFixed(2)}`);
    }
    for (const field of document.querySelectorAll("[placeholder]")) {
        const [a, b] = [luminance(parse(getComputedStyle(field, "::placeholder").color)), luminance(ground(field))].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < 4.5) flaws.push(`the placeholder ${field.placeholder}`);
    }
    for (const control of document.querySelectorAll("input, select, textarea, button, a")) {
        const label = control.labels?.[0]?.textContent ?? control.getAttribute("aria-label") ?? control.textContent;
        if (!label?.trim()) flaws.push(`no name: ${control.outerHTML.slice(0, 80)}`);
    }
    if (document.querySelectorAll("h1").length !== 1) flaws.push("not one first heading");
    return flaws;
}

for (const colorScheme of ["light", "dark"]) {
    test(`every screen can be read and used: ${colorScheme}`, async () => {
        const page = await openPage(browser, { colorScheme });
        const check = async (name) => {
            await screenshot(page, `${name}-${colorScheme}`);
            assert.deepEqual(await page.evaluate(findFlaws), [], name);
        };
        await page.goto(gateway.console);
        await page.getByLabel("Admin key").waitFor();
        await check("login");
        await logIn(page, gateway);
        await page.getByRole("link", { name: "Old shop" }).waitFor();
        await page.getByText("3 tokens").waitFor();
        await check("tokens");
        await page.getByRole("button", { name: "Create token" }).click();
        await page.getByText("More settings").click();
        await check("create");
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await page.getByRole("link", { name: "Web shop" }).click();
        await page.getByText("token.create").waitFor();
        await check("token");
        await page.getByRole("link", { name: "Audit" }).click();
        await page.getByRole("cell", { name: "token.disable" }).or(page.getByRole("cell", { name: "token.update" })).first().waitFor();
        await check("audit");
        await page.getByRole("link", { name: "Explain" }).click();
        await check("explain");
        assert.deepEqual(page.faults, []);
    });
}

/** As the admin API tells it of a token that has used ten sections for thirty days. */
function longUse() {
    const sections = ["customers", "customer-bank-accounts", "customer-cards", "customer-mandates", "payments", "transactions", "recipients", "payouts", "checkout-page", "orders"];
    const dayOf = (i) => new Date(Date.UTC(2026, 9, 26 + i)).toISOString().slice(0, 10);
    const days = [];
    for (let i = 0; i < 30; ++i) {
        if (i % 7 === 3) continue;
        const used = sections.filter((_, at) => (i + at) % 3 !== 0 || at < 2);
        days.push({ day: dayOf(i), sections: Object.fromEntries(used.map((slug) => [slug, { reads: 400 - 30 * sections.indexOf(slug) + ((i * 37) % 90), writes: i % 5 }])) });
    }
    return { from: dayOf(0), to: dayOf(29), days };
}

for (const colorScheme of ["light", "dark"]) {
    test(`thirty days of ten sections can be told apart: ${colorScheme}`, async () => {
        const page = await openPage(browser, { colorScheme });
        const use = longUse();
        await page.route("**/api/v1/tokens/*/usage", (route) => route.fulfill({ json: use }));
        await logIn(page, gateway);
        await page.getByRole("link", { name: "Web shop" }).click();
        await page.getByText(`used on ${use.days.length} days of the last 30`).waitFor();
        const legend = await page.locator(".u-legend .u-label").allTextContents();
        assert.deepEqual([legend.length, legend.at(-1)], [1 + 8, "3 more"], "a colour stands for two sections");
        await page.getByText("As a table").click();
        const table = page.getByRole("table", { name: "Reads / writes by day and section" });
        assert.equal(await table.getByRole("columnheader").count(), 1 + 10);
        assert.equal(await table.getByRole("row").count(), 1 + use.days.length);
        await page.getByText("As a table").click();
        assert.deepEqual(await page.evaluate(findFlaws), []);
        await screenshot(page, `use-${colorScheme}`, { fullPage: true });
        assert.deepEqual(page.faults, []);
    });
}

test("what cannot be told of its use is said, and asked again", async () => {
    const page = await openPage(browser);
    await logIn(page, gateway);
    await page.route("**/api/v1/tokens/*/usage", (route) => route.abort());
    await page.getByRole("link", { name: "Nightly reports" }).click();
    await page.getByRole("alert").getByText("The gateway does not answer.").waitFor();
    await page.unroute("**/api/v1/tokens/*/usage");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("No use in the last 30 days.").waitFor();
    await screenshot(page, "use-none");
    assert.deepEqual(page.faults, []);
});

test("the keyboard alone is enough to make a token", async () => {
    const page = await openPage(browser);
    await page.goto(gateway.console);
    await page.getByLabel("Admin key").and(page.locator(":focus")).waitFor(); // Nobody has to look for it.
    await page.keyboard.insertText(gateway.adminKey);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Old shop" }).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent.trim());
    const tabTo = async (text) => {
        for (let i = 0; i < 40; ++i) {
            await page.keyboard.press("Tab");
            if ((await focused()) === text) return;
        }
        assert.fail(`Tab does not lead to ${text}`);
    };
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to content");
    await page.keyboard.press("Enter");
    await tabTo("Create token");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").locator("input:focus").waitFor();
    await page.keyboard.insertText("By keyboard");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Credentials of By keyboard" });
    await dialog.waitFor();
    await dialog.getByLabel("I have stored").focus();
    await page.keyboard.press("Space");
    await tabTo("Close");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("link", { name: "By keyboard" }).waitFor();
    assert.deepEqual(page.faults, []);
});

test("traffic is charted as it happens, with refusals by reason and upstreams with their health", async () => {
    const pages = [];
    for (const colorScheme of ["light", "dark"]) {
        const page = await openPage(browser, { colorScheme });
        await logIn(page, gateway);
        await page.getByRole("link", { name: "Traffic" }).click();
        pages.push([page, colorScheme]);
    }
    const [page] = pages[0];
    const call = () => {
        for (let i = 0; i < 3; ++i) gateway.curl(shop, kList);
        gateway.curl(shop, "/2.0/payouts/list");
    };
    await waitUntil(async () => {
        call();
        return (await page.locator(".u-legend").filter({ hasText: "section_not_granted" }).count()) === 1;
    }, "the refusals to be charted");
    await waitUntil(async () => {
        call();
        return /p50 ?[\d.]+ (µs|ms)/.test(await page.locator("figure").nth(3).locator(".u-legend").textContent());
    }, "the latency of the upstream");
    // Grid and text are grey; a line has a colour.
    const hasLine = (canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((red, i) => i % 4 === 0 && data[i + 3] === 255 && Math.max(red, data[i + 1], data[i + 2]) - Math.min(red, data[i + 1], data[i + 2]) > 80);
    };
    for (const chart of await page.locator("figure canvas").all())
        await waitUntil(async () => {
            call();
            return chart.evaluate(hasLine);
        }, "a line in every chart");
    await page.getByRole("row").filter({ hasText: "kwik" }).getByText("Up", { exact: true }).waitFor();
    for (const [each, colorScheme] of pages) {
        await each.bringToFront(); // A page that nobody sees does not ask.
        await waitUntil(async () => {
            call();
            return (await each.locator("figure canvas").count()) === 4;
        }, `the charts: ${colorScheme}`);
        await screenshot(each, `traffic-${colorScheme}`, { fullPage: true });
        assert.deepEqual(await each.evaluate(findFlaws), []);
        assert.deepEqual(each.faults, []);
    }
    await gateway.stop(gateway.processes[0]);
    await waitUntil(async () => {
        assert.ok(gateway.curl(shop, kList).status >= 502);
        const failures = page.getByRole("row").filter({ hasText: "kwik" }).getByRole("cell").nth(5);
        return Number(await failures.textContent()) > 0;
    }, "the failures to show");
    await screenshot(page, "traffic-upstream-down", { fullPage: true });
});

test("a pasted request is explained phase by phase, with the base that was signed", async () => {
    const page = await openPage(browser);
    await logIn(page, gateway);
    await page.getByRole("link", { name: "Explain" }).click();
    const ask = async (text) => {
        await page.getByLabel("Request", { exact: true }).fill(text);
        await page.getByRole("button", { name: "Explain" }).click();
    };
    const basic = Buffer.from(`${shop.api_key}:${shop.api_secret}`).toString("base64");
    await ask(`GET /2.0/payouts/list HTTP/1.1\nHost: api.example\nAuthorization: Basic ${basic}`);
    await page.getByText("refused: 403 section_not_granted").waitFor();
    await page.getByText(`token ${shop.id} lacks read of payouts`).first().waitFor();
    await screenshot(page, "explain-refused");
    await ask(`GET ${kList} HTTP/1.1\nHost: api.example\nAuthorization: Basic ${basic}`);
    await page.getByText("forwarded to upstream kwik").waitFor();

    const signed = gateway.sign(shop, "GET", kList);
    await page.getByText("More", { exact: true }).click();
    await page.getByLabel("Signature base that the client computed").fill(signed.signature_base.join("\n").replace("/list", "/lost"));
    await ask([`GET ${kList} HTTP/1.1`, `Host: ${new URL(gateway.api).host}`, ...Object.entries(signed.headers).map((field) => field.join(": "))].join("\n"));
    await page.getByText("forwarded to upstream kwik").waitFor();
    await page.getByText("First difference: line 2").waitFor();
    await screenshot(page, "explain-signed");
    await ask([`curl -v \\`, `  -u '${shop.api_key}:${shop.api_secret}' \\`, `  'http://api.example${kList}?a=1'`].join("\n"));
    await page.getByText("Read as a curl command").waitFor();
    await page.getByText("forwarded to upstream kwik").waitFor();
    await ask(`curl -u '${shop.api_key}:wrong' http://api.example${kList}`);
    await page.getByText(`the API_SECRET is not that of token ${shop.id}`).first().waitFor();
    await ask("curl --frobnicate http://api.example/");
    await page.getByText("--frobnicate is not known").waitFor();
    const wrong = gateway.sign(shop, "GET", kList);
    await ask([`GET ${kList} HTTP/1.1`, `Host: ${new URL(gateway.api).host}`, ...Object.entries(wrong.headers).map((field) => field.join(": ").replace('tag="kwik"', 'tag="other"'))].join("\n"));
    await page.getByText('tag is "other"').first().waitFor();
    await page.getByText('Write tag="kwik", or leave it out.').waitFor();
    await screenshot(page, "explain-cause");
    await ask("<script>alert(1)</script>");
    await page.getByText("refused: 400").waitFor();
    assert.deepEqual(page.faults, []);
});
