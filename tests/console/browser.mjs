// Debian's Chromium, watched: what breaks the Content-Security-Policy or is written to the console fails the test.
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { chromium } from "playwright-core";

const kOutput = process.env.KWIKGATE_TEST_OUTPUT ?? "screenshots";
const kDeadlineMs = 30_000;

export function launch() {
    mkdirSync(kOutput, { recursive: true });
    return chromium.launch({
        executablePath: process.env.CHROMIUM_BIN ?? "/usr/bin/chromium",
        // Root has no sandbox; the pages are our own.
        chromiumSandbox: process.getuid() !== 0,
        args: ["--disable-gpu", "--disable-dev-shm-usage"],
    });
}

/** A page in a context of its own: no cookies yet. `faults` is what went wrong in it so far. */
export async function openPage(browser, { colorScheme = "light", ...options } = {}) {
    const context = await browser.newContext({ viewport: { width: 1360, height: 850 }, colorScheme, locale: "en-GB", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(kDeadlineMs);
    page.faults = [];
    page.on("pageerror", (error) => page.faults.push(String(error)));
    page.on("dialog", (dialog) => {
        page.faults.push(`a dialog of the browser: ${dialog.message()}`);
        return dialog.dismiss();
    });
    page.on("request", (request) => {
        if (!request.url().startsWith("http://127.0.0.1:")) page.faults.push(`asked for ${request.url()}`);
    });
    page.on("console", (message) => {
        // The browser notes every refusal and every broken connection by itself; the page shows them.
        const isNoted = message.text().startsWith("Failed to load resource");
        if (!isNoted && ["error", "warning"].includes(message.type())) page.faults.push(message.text());
    });
    await page.addInitScript(() => {
        addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
    });
    return page;
}

export async function screenshot(page, name, { fullPage = false } = {}) {
    await page.screenshot({ path: join(kOutput, `${name}.png`), animations: "disabled", fullPage });
}

export async function logIn(page, gateway, key = gateway.adminKey) {
    await page.goto(gateway.console);
    await page.getByLabel("Admin key").fill(key);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "Access tokens" }).waitFor();
}
