// A real gateway in front of a real sandbox, in a folder of its own.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const kBinary = process.env.KWIKGATE_BIN;
const kDeadlineMs = 30_000;

export async function waitUntil(isTrue, what) {
    for (const end = Date.now() + kDeadlineMs; ; await sleep(50)) {
        const value = await isTrue();
        if (value) return value;
        if (Date.now() > end) throw new Error(`waited ${kDeadlineMs} ms for ${what}`);
    }
}

function freePort() {
    return new Promise((done) => {
        const probe = createServer().listen(0, "127.0.0.1", () => {
            const { port } = probe.address();
            probe.close(() => done(port));
        });
    });
}

async function answers(url) {
    return fetch(url).then(
        () => true,
        () => false,
    );
}

export class Gateway {
    /** `admin` are more settings of that section. */
    static async start(admin = {}) {
        const gateway = new Gateway();
        gateway.folder = mkdtempSync(join(tmpdir(), "kwikgate-console-"));
        const [api, sandbox, console_] = [await freePort(), await freePort(), await freePort()];
        gateway.api = `http://127.0.0.1:${api}`;
        gateway.console = `http://127.0.0.1:${console_}`;
        const made = JSON.parse(execFileSync(kBinary, ["init", "--dir", gateway.folder, "--json"], { encoding: "utf8" }));
        gateway.adminKey = made.admin_key;
        gateway.adminKeyId = made.admin_key_id;
        gateway.configFile = made.config;
        const config = JSON.parse(readFileSync(made.config, "utf8"));
        config.listeners = [{ address: `127.0.0.1:${api}` }];
        config.admin = { address: `127.0.0.1:${console_}`, ...admin };
        config.upstreams = { kwik: { servers: [`http://127.0.0.1:${sandbox}`] } };
        writeFileSync(made.config, JSON.stringify(config));
        gateway.processes = [];
        gateway.run("sandbox", ["--listen", `127.0.0.1:${sandbox}`]);
        await waitUntil(() => answers(`http://127.0.0.1:${sandbox}/`), "the sandbox");
        await gateway.serve();
        return gateway;
    }

    run(command, args) {
        const child = spawn(kBinary, [command, ...args], { stdio: ["ignore", "ignore", "pipe"] });
        child.log = "";
        child.stderr.on("data", (text) => (child.log += text));
        this.processes.push(child);
        return child;
    }

    async serve() {
        this.server = this.run("serve", ["--config", this.configFile, "--workers", "1"]);
        await waitUntil(() => {
            if (this.server.exitCode !== null) throw new Error(this.server.log);
            return answers(`${this.console}/healthz`);
        }, "the gateway");
    }

    async stop(child = this.server) {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((done) => child.on("exit", done));
        child.kill("SIGTERM");
        await ended;
    }

    async close() {
        for (const child of this.processes) await this.stop(child);
        rmSync(this.folder, { recursive: true, force: true });
    }

    /** What a command of the binary prints. */
    kwikgate(args, input = "") {
        return execFileSync(kBinary, [...args, "--config", this.configFile], { input, encoding: "utf8" });
    }

    createToken(name, sections, permissions = "read-write") {
        const chosen = sections.flatMap((section) => ["--section", section]);
        return JSON.parse(this.kwikgate(["token", "create", "--name", name, ...chosen, "--permissions", permissions, "--json"]));
    }

    createKey(name, role) {
        return JSON.parse(this.kwikgate(["admin", "key", "create", "--name", name, "--role", role, "--json"]));
    }

    /** What `kwikgate sign` prints of a request: its headers and the base. */
    sign(token, method, path) {
        const env = { ...process.env, KWIKGATE_API_KEY: token.api_key, KWIKGATE_API_SECRET: token.api_secret };
        return JSON.parse(execFileSync(kBinary, ["sign", method, this.api + path, "--json"], { env, encoding: "utf8" }));
    }

    /** Status and body of a call through the gateway, made with curl. */
    curl(token, path, { secret = token.api_secret, body } = {}) {
        const args = ["-s", "-w", "\n%{http_code}", "-u", `${token.api_key}:${secret}`, this.api + path];
        if (body) args.push("-H", "Content-Type: application/json", "-d", JSON.stringify(body));
        const out = execFileSync("curl", args, { encoding: "utf8" });
        const at = out.lastIndexOf("\n");
        return { status: Number(out.slice(at + 1)), body: JSON.parse(out.slice(0, at)) };
    }
}
