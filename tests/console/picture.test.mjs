// The picture of the README: copy `console.png` from the screenshots to docs/ when the screen changed.
import assert from "node:assert/strict";
import { test } from "node:test";

import { launch, logIn, openPage, screenshot } from "./browser.mjs";
import { Gateway, waitUntil } from "./gateway.mjs";

const kDayMs = 86_400_000;

test("the Access tokens screen of a gateway in use", async () => {
    const gateway = await Gateway.start();
    const browser = await launch();
    try {
        const daysAgo = (days) => new Date(Date.now() - days * kDayMs).toISOString().replace(/\.\d+/, "");
        const lines = [
            { name: "Web shop", sections: ["customers", "payments", "transactions"], permissions: "read-write", created_at: daysAgo(212) },
            { name: "Mobile app", sections: ["customers", "customer-cards", "payments", "orders"], permissions: "read-write", created_at: daysAgo(140) },
            { name: "Nightly reports", sections: ["transactions", "payouts"], created_at: daysAgo(131) },
            { name: "Old shop", sections: ["customers", "orders"], permissions: "read-write", status: "disabled", created_at: daysAgo(120) },
            { name: "Accounting export", sections: ["payouts", "recipients"], created_at: daysAgo(64), expires_at: daysAgo(-9) },
            { name: "Partner integration", sections: ["orders"], environment: "test", permissions: "read-write", created_at: daysAgo(3) },
        ];
        const made = gateway.kwikgate(["token", "import", "-"], `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
        const tokens = made.trim().split("\n").map((line) => JSON.parse(line));
        const called = [[0, "/2.0/customers/list"], [1, "/2.0/customers/list"], [2, "/2.0/transactions"]];
        for (const [i, path] of called) assert.equal(gateway.curl(tokens[i], path).status, 200, path);
        const page = await openPage(browser, { viewport: { width: 1280, height: 655 } });
        await logIn(page, gateway);
        await waitUntil(async () => {
            await page.reload();
            await page.getByRole("link", { name: "Web shop" }).waitFor();
            return (await page.getByText("just now", { exact: true }).count()) >= 3;
        }, "the uses to show");
        assert.equal(await page.locator("tbody tr").count(), lines.length);
        await page.getByText("6 tokens").waitFor();
        await screenshot(page, "console");
        assert.deepEqual(page.faults, []);
    } finally {
        await browser.close();
        await gateway.close();
    }
});
