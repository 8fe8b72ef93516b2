import { useState } from "preact/hooks";

import { ApiError, call, post, sentence } from "./api";
import type { Environment, IssuedToken, Permissions, Status, Token, TokenSettings } from "./types";
import { Button, Dialog, Note, useAction } from "./ui";

/** The form's fields as they are typed. */
interface Draft {
    name: string;
    environment: Environment;
    permissions: Permissions;
    status: Status;
    sections: string[];
    account: string;
    expires: string;
    ips: string;
    origins: string;
    rate: string;
    burst: string;
    maxConcurrent: string;
    requireSignature: boolean;
    requireFormSignature: boolean;
    debug: boolean;
}

function draftOf(token: Token | undefined): Draft {
    return {
        name: token?.name ?? "",
        environment: token?.environment ?? "live",
        permissions: token?.permissions ?? "read-only",
        status: token?.status ?? "live",
        sections: token?.sections ?? [],
        account: token?.account ?? "",
        expires: token?.expires_at ? localTime(token.expires_at) : "",
        ips: token?.allowed_ips.join("\n") ?? "",
        origins: token?.allowed_origins.join("\n") ?? "",
        rate: token?.rate ? String(token.rate.requests_per_second) : "",
        burst: token?.rate ? String(token.rate.burst) : "",
        maxConcurrent: token?.max_concurrent ? String(token.max_concurrent) : "",
        requireSignature: token?.require_signature ?? false,
        requireFormSignature: token?.require_form_signature ?? false,
        debug: token?.debug ?? false,
    };
}

/** As <input type="datetime-local"> has it. */
function localTime(iso: string): string {
    const time = new Date(iso);
    return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const lines = (text: string) => text.split(/[\s,]+/).filter((line) => line !== "");

function settingsOf(draft: Draft): TokenSettings {
    const rate = Number(draft.rate);
    return {
        name: draft.name.trim(),
        environment: draft.environment,
        permissions: draft.permissions,
        status: draft.status,
        sections: draft.sections,
        account: draft.account.trim() === "" ? null : draft.account.trim(),
        expires_at: draft.expires === "" ? null : new Date(draft.expires).toISOString(),
        allowed_ips: lines(draft.ips),
        allowed_origins: lines(draft.origins),
        rate: draft.rate === "" ? null : { requests_per_second: rate, burst: draft.burst === "" ? rate : Number(draft.burst) },
        max_concurrent: draft.maxConcurrent === "" ? null : Number(draft.maxConcurrent),
        require_signature: draft.requireSignature,
        require_form_signature: draft.requireFormSignature,
        debug: draft.debug,
    };
}

/** What differs from the token: only that is sent, so that nothing else is touched. */
function changesOf(token: Token, draft: Draft): Partial<TokenSettings> {
    const next = settingsOf(draft);
    const before = settingsOf(draftOf(token));
    const changed: Partial<Record<keyof TokenSettings, unknown>> = {};
    for (const key of Object.keys(next) as (keyof TokenSettings)[])
        if (JSON.stringify(next[key]) !== JSON.stringify(before[key])) changed[key] = next[key];
    return changed as Partial<TokenSettings>;
}

/** Sections by what they are about: the word before the first hyphen. */
function grouped(slugs: string[]): [string, string[]][] {
    const groups = new Map<string, string[]>();
    for (const slug of slugs) {
        const stem = (slug.split("-")[0] ?? slug).replace(/s$/, "");
        groups.set(stem, [...(groups.get(stem) ?? []), slug]);
    }
    return [...groups];
}

interface Props {
    sections: string[];
    /** Set: edits it; else creates one. */
    token?: Token;
    onClose: () => void;
    onIssued?: (issued: IssuedToken) => void;
    onChanged?: () => void;
}

export function TokenForm({ sections, token, onClose, onIssued, onChanged }: Props) {
    const [draft, setDraft] = useState(() => draftOf(token));
    const { run, error, isBusy } = useAction();
    const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));

    const submit = (event: Event) => {
        event.preventDefault();
        run(() =>
            token
                ? call<Token>("PATCH", `/api/v1/tokens/${token.id}`, { body: changesOf(token, draft), version: token.version }).then(() => onChanged?.())
                : post<IssuedToken>("/api/v1/tokens", settingsOf(draft)).then((issued) => onIssued?.(issued)),
        );
    };
    const isStale = error instanceof ApiError && error.code === "version_conflict";
    return (
        <Dialog title={token ? `Edit ${token.name}` : "Create token"} onClose={onClose}>
            <form onSubmit={submit}>
                <label for="name">Name</label>
                <input id="name" required maxLength={100} autofocus value={draft.name} onInput={(e) => set({ name: e.currentTarget.value })} />
                <Sections all={sections} chosen={draft.sections} onChange={(chosen) => set({ sections: chosen })} />
                <div class="columns">
                    <Choice name="permissions" label="Permissions" value={draft.permissions} values={[["read-only", "Read-Only"], ["read-write", "Read-Write"]]} onChange={(v) => set({ permissions: v })} />
                    <Choice name="status" label="Status" value={draft.status} values={[["live", "Live"], ["disabled", "Disabled"]]} onChange={(v) => set({ status: v })} />
                    <Choice name="environment" label="Environment" value={draft.environment} values={[["live", "Live"], ["test", "Test"]]} onChange={(v) => set({ environment: v })} isFixed={token !== undefined} />
                </div>
                <details open={token !== undefined}>
                    <summary>More settings</summary>
                    <More draft={draft} set={set} />
                </details>
                {error !== undefined && <Note kind="error" text={sentence(error)} />}
                {isStale && <p>Close this dialog and open it again to see the token as it is now.</p>}
                <div class="actions">
                    <Button onClick={onClose}>Cancel</Button>
                    <Button kind="primary" type="submit" disabled={isBusy || draft.name.trim() === "" || draft.sections.length === 0}>
                        {token ? "Save" : "Create"}
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}

function Sections({ all, chosen, onChange }: { all: string[]; chosen: string[]; onChange: (chosen: string[]) => void }) {
    const toggle = (slug: string, isOn: boolean) => onChange(all.filter((s) => (s === slug ? isOn : chosen.includes(s))));
    return (
        <fieldset>
            <legend>Sections</legend>
            <div class="sections">
                {grouped(all).map(([stem, slugs]) => (
                    <div class="group" key={stem}>
                        {slugs.map((slug) => (
                            <label class="check" key={slug}>
                                <input type="checkbox" checked={chosen.includes(slug)} onChange={(e) => toggle(slug, e.currentTarget.checked)} />
                                {slug}
                            </label>
                        ))}
                    </div>
                ))}
            </div>
            {chosen.length === 0 && <p class="help">Choose what the integration needs, and no more.</p>}
        </fieldset>
    );
}

function Choice<T extends string>({ name, label, value, values, onChange, isFixed = false }: {
    name: string;
    label: string;
    value: T;
    values: [T, string][];
    onChange: (value: T) => void;
    isFixed?: boolean;
}) {
    return (
        <fieldset disabled={isFixed}>
            <legend>{label}</legend>
            {values.map(([option, text]) => (
                <label class="check" key={option}>
                    <input type="radio" name={name} checked={value === option} onChange={() => onChange(option)} />
                    {text}
                </label>
            ))}
        </fieldset>
    );
}

function More({ draft, set }: { draft: Draft; set: (part: Partial<Draft>) => void }) {
    const flag = (key: "requireSignature" | "requireFormSignature" | "debug", text: string) => (
        <label class="check">
            <input type="checkbox" checked={draft[key]} onChange={(e) => set({ [key]: e.currentTarget.checked })} />
            {text}
        </label>
    );
    return (
        <>
            <div class="columns pairs">
                <div>
                    <label for="expires">Expires</label>
                    <input id="expires" type="datetime-local" value={draft.expires} onInput={(e) => set({ expires: e.currentTarget.value })} />
                    <p class="help">Empty: never.</p>
                </div>
                <div>
                    <label for="account">Account</label>
                    <input id="account" maxLength={128} value={draft.account} onInput={(e) => set({ account: e.currentTarget.value })} />
                    <p class="help">Handed to the API as it is.</p>
                </div>
                <div>
                    <label for="rate">Requests per second</label>
                    <input id="rate" type="number" min={1} max={1_000_000} value={draft.rate} onInput={(e) => set({ rate: e.currentTarget.value })} />
                    <p class="help">Empty: the configured rate.</p>
                </div>
                <div>
                    <label for="burst">Burst</label>
                    <input id="burst" type="number" min={0} max={1_000_000} disabled={draft.rate === ""} value={draft.burst} onInput={(e) => set({ burst: e.currentTarget.value })} />
                    <p class="help">Empty: as many as a second.</p>
                </div>
                <div>
                    <label for="max-concurrent">Requests at once</label>
                    <input id="max-concurrent" type="number" min={1} max={1_000_000} value={draft.maxConcurrent} onInput={(e) => set({ maxConcurrent: e.currentTarget.value })} />
                    <p class="help">Empty: any number.</p>
                </div>
            </div>
            <div class="columns">
                <div>
                    <label for="ips">Allowed addresses</label>
                    <textarea id="ips" rows={3} placeholder="192.0.2.0/24" value={draft.ips} onInput={(e) => set({ ips: e.currentTarget.value })} />
                    <p class="help">One a line. Empty: any.</p>
                </div>
                <div>
                    <label for="origins">Allowed origins of the public key</label>
                    <textarea id="origins" rows={3} placeholder="https://shop.example" value={draft.origins} onInput={(e) => set({ origins: e.currentTarget.value })} />
                    <p class="help">One a line. Empty: none.</p>
                </div>
            </div>
            {flag("requireSignature", "Require signed requests: refuse Basic")}
            {flag("requireFormSignature", "Require signed checkout forms")}
            {flag("debug", "Answer a wrong signature with the text that should have been signed")}
        </>
    );
}
