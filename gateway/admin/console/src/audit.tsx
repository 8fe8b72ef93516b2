import { useState } from "preact/hooks";

import { sentence } from "./api";
import { minute } from "./format";
import { Pager, usePages, useSettled } from "./pages";
import type { AuditEntry, AuditPage } from "./types";
import { Empty, Loading, Note } from "./ui";

export function useAudit(query: URLSearchParams) {
    return usePages<AuditPage>(`/api/v1/audit?${query}`, (page) => page.entries.length === 0);
}

export function AuditScreen() {
    const [action, setAction] = useState("");
    const [token, setToken] = useState("");
    const settled = useSettled(token.trim(), 250);
    const query = new URLSearchParams({ limit: "50" });
    for (const [name, value] of [["action", action], ["token", settled]] as const)
        if (value !== "") query.set(name, value);
    const pages = useAudit(query);
    const { page: value, error, isLoading, reload } = pages;
    return (
        <>
            <div class="heading">
                <h1>Audit</h1>
                <span class="muted">who changed what, newest first</span>
            </div>
            <div class="filters" role="search">
                <label>
                    <span class="label">Action</span>
                    <select value={action} onChange={(e) => setAction(e.currentTarget.value)}>
                        <option value="">Any</option>
                        {["token.create", "token.update", "token.enable", "token.disable", "token.rotate", "token.delete", "token.import", "admin_key.create", "admin_key.delete", "admin_key.login_link", "store.rekey"].map((name) => (
                            <option value={name}>{name}</option>
                        ))}
                    </select>
                </label>
                <label class="wide">
                    <span class="label">Token</span>
                    <input type="search" placeholder="tok_…" value={token} onInput={(e) => setToken(e.currentTarget.value)} />
                </label>
            </div>
            {error !== undefined && <Note kind="error" text={sentence(error)} retry={reload} />}
            {value === undefined && error === undefined && <Loading what="the audit log" />}
            {value && <div aria-busy={isLoading}>{value.entries.length === 0 ? <Empty title="No change fits." /> : <AuditTable entries={value.entries} withToken />}</div>}
            <Pager pages={pages} back="Newer" on="Older" />
        </>
    );
}

/** What is told of something that was not there before. */
const kTold = ["status", "environment", "permissions", "sections", "role"];

/** A value of a token as people write it. */
function shown(value: unknown): string {
    if (value === undefined) return "unset";
    if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(shown).join(", ");
    if (value === null) return "none";
    return typeof value === "string" ? value : JSON.stringify(value);
}

/** What differs between before and after, a line each. */
function changes(entry: AuditEntry): string[] {
    if (entry.before === null && entry.after) return kTold.filter((key) => key in entry.after!).map((key) => `${key}: ${shown(entry.after![key])}`);
    if (entry.before === null || entry.after === null) return [];
    const out: string[] = [];
    for (const [key, value] of Object.entries(entry.after)) {
        if (key === "version") continue;
        const from = shown(entry.before[key]);
        const to = shown(value);
        if (from !== to) out.push(`${key}: ${from} → ${to}`);
    }
    for (const key of Object.keys(entry.before)) if (!(key in entry.after)) out.push(`${key}: ${shown(entry.before[key])} → unset`);
    return out;
}

function nameOf(entry: AuditEntry): string {
    const name = (entry.after ?? entry.before)?.["name"];
    return typeof name === "string" ? name : entry.token_id;
}

export function AuditTable({ entries, withToken = false }: { entries: AuditEntry[]; withToken?: boolean }) {
    return (
        <div class="table-box">
            <table>
                <thead>
                    <tr>
                        <th scope="col">Time</th>
                        <th scope="col">Who</th>
                        <th scope="col">What</th>
                        {withToken && <th scope="col">Of</th>}
                        <th scope="col">Change</th>
                    </tr>
                </thead>
                <tbody>
                    {entries.map((entry) => (
                        <tr key={entry.sequence}>
                            <td class="nowrap">{minute(entry.at)}</td>
                            <td>
                                <code>{entry.actor}</code>
                            </td>
                            <td class="nowrap">{entry.action}</td>
                            {withToken && <td>{entry.token_id === "" ? nameOf(entry) : <a href={`#/tokens/${entry.token_id}`}>{nameOf(entry)}</a>}</td>}
                            <td class="change">
                                {changes(entry).map((line) => (
                                    <div key={line}>{line}</div>
                                ))}
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
