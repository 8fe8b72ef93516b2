// A hundred thousand tokens: the page shows fifty of them, and the gateway does the searching.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, logIn, openPage, screenshot } from "./browser.mjs";
import { Gateway, waitUntil } from "./gateway.mjs";

const kTokens = 100_000;

let gateway;
let browser;
let page;
before(async () => {
    gateway = await Gateway.start();
    const lines = [];
    for (let i = 1; i <= kTokens; ++i) {
        const token = { name: `Client ${String(i).padStart(6, "0")}`, sections: i % 2 ? ["customers"] : ["orders", "payments"], status: i % 10 ? "live" : "disabled" };
        lines.push(JSON.stringify(token));
    }
    gateway.kwikgate(["token", "import", "-", "--output", `${gateway.folder}/made`], `${lines.join("\n")}\n`);
    browser = await launch();
    page = await openPage(browser);
    await logIn(page, gateway);
});
after(async () => {
    await browser?.close();
    await gateway?.close();
});

const names = () => page.locator("tbody td.name a").allTextContents();
const shows = (first, what) => waitUntil(async () => (await names())[0] === first, what);

test("the first page is there at once, and no more than it", async () => {
    await page.getByText("100,000 in all").waitFor();
    await shows("Client 100000", "the newest token");
    assert.equal((await names()).length, 50);
    assert.ok((await page.locator("*").count()) < 2_000);
    await screenshot(page, "tokens-many");
});

test("pages go on and back", async () => {
    await page.getByRole("button", { name: "Next page" }).click();
    await shows("Client 099950", "the second page");
    await page.getByText("Page 2").waitFor();
    await page.getByRole("button", { name: "Previous page" }).click();
    await shows("Client 100000", "the first page again");
    assert.ok(await page.getByRole("button", { name: "Previous page" }).isDisabled());
});

test("any token is found, sorted and filtered", async () => {
    await page.getByLabel("Search").fill("client 000042");
    await waitUntil(async () => (await names()).join() === "Client 000042", "the token that was sought");
    await page.getByLabel("Search").fill("no such token");
    await page.getByText("No token fits.").waitFor();
    await screenshot(page, "tokens-no-match");
    await page.getByRole("button", { name: "Show all tokens" }).click();
    await shows("Client 100000", "all tokens");
    const heading = page.getByRole("columnheader", { name: "Name" });
    await heading.getByRole("button").click();
    await shows("Client 100000", "the last by name");
    await heading.getByRole("button").click();
    await shows("Client 000001", "the first by name");
    assert.equal(await heading.getAttribute("aria-sort"), "ascending");
    await page.getByLabel("Status").selectOption("disabled");
    await shows("Client 000010", "the disabled ones");
    await page.getByLabel("Section").selectOption("customers");
    await page.getByText("No token fits.").waitFor();
});

test("nothing went wrong in the browser meanwhile", () => assert.deepEqual(page.faults, []));
