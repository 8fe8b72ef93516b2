import { useState } from "preact/hooks";

import { hint, remedy } from "./advice";
import { call, post, sentence } from "./api";
import { AuditTable, useAudit } from "./audit";
import { Credentials } from "./credentials";
import { ago, count, minute } from "./format";
import { Pager } from "./pages";
import { SectionDays } from "./section_days";
import { TokenForm } from "./token_form";
import type { IssuedToken, Token, UsageDays } from "./types";
import { Button, Confirm, Dialog, Empty, Loading, Note, Switch, useAction, useLoaded } from "./ui";

type Open = "edit" | "rotate" | "narrow" | "delete" | null;

export function TokenScreen({ id, mayChange }: { id: string; mayChange: boolean }) {
    const { value: token, error, reload } = useLoaded<Token>(`/api/v1/tokens/${id}`);
    const sections = useLoaded<{ sections: { slug: string }[] }>("/api/v1/sections");
    const usage = useLoaded<UsageDays>(`/api/v1/tokens/${id}/usage`);
    const audit = useAudit(new URLSearchParams({ token: id, limit: "50" }));
    const [open, setOpen] = useState<Open>(null);
    const [issued, setIssued] = useState<IssuedToken | null>(null);
    const [failure, setFailure] = useState<unknown>(undefined);

    const refresh = () => {
        reload();
        usage.reload();
        audit.reload();
    };
    const close = () => setOpen(null);
    const switchTo = (isLive: boolean) => {
        setFailure(undefined);
        post(`/api/v1/tokens/${id}/${isLive ? "enable" : "disable"}`)
            .then(refresh)
            .catch((e: unknown) => setFailure(() => e));
    };

    if (error !== undefined && token === undefined)
        return (
            <>
                <a href="#/tokens">All tokens</a>
                <Note kind="error" text={sentence(error)} retry={reload} />
            </>
        );
    if (token === undefined) return <Loading what="the token" />;
    return (
        <>
            <p>
                <a href="#/tokens">All tokens</a>
            </p>
            <div class="heading">
                <h1>{token.name}</h1>
                {token.environment === "test" && <span class="tag">Test</span>}
                <span class="state">
                    <Switch isOn={token.status === "live"} label={`${token.name} is live`} disabled={!mayChange} onChange={switchTo} />
                    {token.status === "live" ? "Live" : "Disabled"}
                </span>
                {mayChange && (
                    <span class="buttons">
                        <Button onClick={() => setOpen("edit")}>Edit</Button>
                        <Button onClick={() => setOpen("rotate")}>Rotate secret</Button>
                        <Button kind="danger" onClick={() => setOpen("delete")}>
                            Delete
                        </Button>
                    </span>
                )}
            </div>
            {failure !== undefined && <Note kind="error" text={sentence(failure)} />}
            <Findings token={token} mayChange={mayChange} onNarrow={() => setOpen("narrow")} />
            <div class="cards">
                <Settings token={token} />
                <div>
                    <Secrets token={token} />
                    <SectionUse token={token} />
                </div>
            </div>
            <h2>Use by section</h2>
            {usage.error !== undefined && <Note kind="error" text={sentence(usage.error)} retry={usage.reload} />}
            {usage.value === undefined && usage.error === undefined && <Loading what="its use" />}
            {usage.value && <SectionDays usage={usage.value} sections={token.sections} />}
            <h2>Changes</h2>
            {audit.error !== undefined && <Note kind="error" text={sentence(audit.error)} retry={audit.reload} />}
            {audit.page && <AuditTable entries={audit.page.entries} />}
            <Pager pages={audit} back="Newer" on="Older" />

            {open === "edit" && (
                <TokenForm token={token} sections={sections.value?.sections.map((s) => s.slug) ?? token.sections} onClose={close} onChanged={() => (close(), refresh())} />
            )}
            {open === "rotate" && <Rotate token={token} onClose={close} onIssued={(made) => (close(), setIssued(made), refresh())} />}
            {open === "narrow" && <Narrow token={token} onClose={close} onChanged={refresh} />}
            {open === "delete" && (
                <Confirm
                    title={`Delete ${token.name}?`}
                    action="Delete for good"
                    isDanger
                    describe={sentence}
                    onClose={close}
                    onConfirm={() => call<void>("DELETE", `/api/v1/tokens/${id}`).then(() => void (location.hash = "#/tokens"))}
                >
                    <p>Its credentials stop working at once, and it cannot be brought back. To stop it for a while, disable it.</p>
                </Confirm>
            )}
            {issued && <Credentials issued={issued} title={`New secret of ${issued.name}`} onClose={() => setIssued(null)} />}
        </>
    );
}

/** What is left when everything that was never used is taken away; null where nothing would be. */
function narrowed(token: Token): { sections: string[]; permissions: "read-only" | "read-write" } | null {
    const used = token.sections.filter((s) => s in token.usage.sections_last_read || s in token.usage.sections_last_written);
    if (used.length === 0) return null;
    const writes = Object.keys(token.usage.sections_last_written).length > 0;
    const permissions = writes ? token.permissions : "read-only";
    if (used.length === token.sections.length && permissions === token.permissions) return null;
    return { sections: used, permissions };
}

function Findings({ token, mayChange, onNarrow }: { token: Token; mayChange: boolean; onNarrow: () => void }) {
    const canNarrow = narrowed(token) !== null;
    if (token.advice.length === 0 && !canNarrow) return <></>;
    return (
        <section class="advice" aria-label="Advice">
            <ul>
                {token.advice.map((a) => (
                    <li>
                        <strong>{hint(a)}.</strong> {remedy(a)}
                    </li>
                ))}
            </ul>
            {canNarrow && mayChange && <Button onClick={onNarrow}>Narrow to what is used</Button>}
        </section>
    );
}

function Settings({ token }: { token: Token }) {
    const rows: [string, string][] = [
        ["Id", token.id],
        ["Key", token.key],
        ["Permissions", token.permissions === "read-write" ? "Read-Write" : "Read-Only"],
        ["Account", token.account ?? "None"],
        ["Expires", token.expires_at ? minute(token.expires_at) : "Never"],
        ["Addresses", token.allowed_ips.join(", ") || "Any"],
        ["Origins", token.allowed_origins.join(", ") || "None"],
        ["Rate", token.rate ? `${count(token.rate.requests_per_second)}/s, burst ${count(token.rate.burst)}` : "As configured"],
        ["Requests at once", token.max_concurrent === null ? "Any number" : count(token.max_concurrent)],
        ["Signed requests", token.require_signature ? "Required" : "Optional"],
        ["Signed forms", token.require_form_signature ? "Required" : "Optional"],
        ["Debug", token.debug ? "On" : "Off"],
        ["Created", minute(token.created_at)],
        ["Changed", minute(token.updated_at)],
    ];
    return (
        <section class="card">
            <h2>Settings</h2>
            <dl>
                {rows.map(([name, value]) => (
                    <div key={name}>
                        <dt>{name}</dt>
                        <dd>{value}</dd>
                    </div>
                ))}
            </dl>
        </section>
    );
}

const kSchemes: Record<string, string> = { basic: "Basic", signature: "Signature", public_key: "Public key" };

function Secrets({ token }: { token: Token }) {
    const generations = Object.entries(token.usage.secrets_last_used).sort((a, b) => Number(b[0]) - Number(a[0]));
    return (
        <section class="card">
            <h2>Use</h2>
            <dl>
                <div>
                    <dt>Requests</dt>
                    <dd>{count(token.usage.requests)}</dd>
                </div>
                <div>
                    <dt>Last used</dt>
                    <dd>{token.last_used_at ? `${ago(token.last_used_at)} (${minute(token.last_used_at)})` : "Never"}</dd>
                </div>
                <div>
                    <dt>Scheme</dt>
                    <dd>{token.usage.last_scheme ? (kSchemes[token.usage.last_scheme] ?? token.usage.last_scheme) : "None yet"}</dd>
                </div>
                <div>
                    <dt>Secret of</dt>
                    <dd>{minute(token.secret_created_at)}</dd>
                </div>
                {token.previous_secret_valid_until && (
                    <div>
                        <dt>Old secret works until</dt>
                        <dd>{minute(token.previous_secret_valid_until)}</dd>
                    </div>
                )}
                {generations.map(([generation, at], i) => (
                    <div key={generation}>
                        <dt>Secret {generation}</dt>
                        <dd>
                            last used {ago(at)}
                            {i > 0 && token.previous_secret_valid_until ? " (an older one)" : ""}
                        </dd>
                    </div>
                ))}
            </dl>
        </section>
    );
}

function SectionUse({ token }: { token: Token }) {
    return (
        <>
            <h2>Sections</h2>
            {token.sections.length === 0 && <Empty title="No sections." />}
            <div class="table-box">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">Section</th>
                            <th scope="col">Last read</th>
                            <th scope="col">Last written</th>
                        </tr>
                    </thead>
                    <tbody>
                        {token.sections.map((slug) => {
                            const read = token.usage.sections_last_read[slug];
                            const written = token.usage.sections_last_written[slug];
                            return (
                                <tr key={slug} class={read || written ? "" : "off"}>
                                    <td>{slug}</td>
                                    <td>{read ? ago(read) : "Never"}</td>
                                    <td>{token.permissions === "read-only" ? "Not allowed" : written ? ago(written) : "Never"}</td>
                                </tr>
                            );
                        })}
                    </tbody>
                </table>
            </div>
        </>
    );
}

function Narrow({ token, onClose, onChanged }: { token: Token; onClose: () => void; onChanged: () => void }) {
    const next = narrowed(token);
    if (!next) return <></>;
    const gone = token.sections.filter((slug) => !next.sections.includes(slug));
    return (
        <Confirm
            title="Narrow to what is used?"
            action="Narrow"
            describe={sentence}
            onClose={onClose}
            onConfirm={() => call<Token>("PATCH", `/api/v1/tokens/${token.id}`, { body: next, version: token.version }).then(onChanged)}
        >
            {gone.length > 0 && <p>Sections that go: {gone.join(", ")}.</p>}
            {next.permissions !== token.permissions && <p>It has never written: it becomes Read-Only.</p>}
            <p>What stays: {next.sections.join(", ")}.</p>
        </Confirm>
    );
}

const kOverlaps: [string, string][] = [
    ["24h", "A day"],
    ["1h", "An hour"],
    ["168h", "A week"],
    ["720h", "Thirty days"],
    ["0s", "Not at all: it was stolen"],
];

function Rotate({ token, onClose, onIssued }: { token: Token; onClose: () => void; onIssued: (issued: IssuedToken) => void }) {
    const [overlap, setOverlap] = useState("24h");
    const { run, error, isBusy } = useAction();
    const rotate = () => run(() => post<IssuedToken>(`/api/v1/tokens/${token.id}/rotate`, { overlap }).then(onIssued));
    return (
        <Dialog title={`Rotate the secret of ${token.name}`} onClose={onClose}>
            <p>The token gets a new secret. API_KEY and settings stay.</p>
            <label for="overlap">How long the old secret still works</label>
            <select id="overlap" value={overlap} onChange={(e) => setOverlap(e.currentTarget.value)}>
                {kOverlaps.map(([value, text]) => (
                    <option value={value}>{text}</option>
                ))}
            </select>
            {token.previous_secret_valid_until && <p>The secret before the last one ends now.</p>}
            {error !== undefined && <Note kind="error" text={sentence(error)} />}
            <div class="actions">
                <Button onClick={onClose}>Cancel</Button>
                <Button kind="primary" onClick={rotate} disabled={isBusy}>
                    Rotate
                </Button>
            </div>
        </Dialog>
    );
}
