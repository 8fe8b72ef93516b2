import { useState } from "preact/hooks";

import { hint, mostUrgent } from "./advice";
import { post, sentence } from "./api";
import { Credentials } from "./credentials";
import { ago, count, minute } from "./format";
import { Pager, usePages, useSettled } from "./pages";
import { TokenForm } from "./token_form";
import type { IssuedToken, Token, TokenPage } from "./types";
import { Button, Empty, Loading, Note, Switch, useLoaded } from "./ui";

type Sort = "created" | "-created" | "name" | "-name" | "last_used" | "-last_used";
const kPageSize = 50;

interface Filter {
    q: string;
    status: string;
    permissions: string;
    environment: string;
    section: string;
    sort: Sort;
}
const kNoFilter: Filter = { q: "", status: "", permissions: "", environment: "", section: "", sort: "-created" };

function pathOf(filter: Filter): string {
    const query = new URLSearchParams({ limit: String(kPageSize) });
    for (const [name, value] of Object.entries(filter)) if (value !== "") query.set(name, value);
    return `/api/v1/tokens?${query}`;
}

export function TokensScreen({ mayChange }: { mayChange: boolean }) {
    const [filter, setFilter] = useState(kNoFilter);
    const [isCreating, setCreating] = useState(false);
    const [issued, setIssued] = useState<IssuedToken | null>(null);
    const settled = useSettled(filter, 250);
    const pages = usePages<TokenPage>(pathOf(settled), (page) => page.tokens.length === 0);
    const { page: value, error, isLoading, reload } = pages;
    const sections = useLoaded<{ sections: { slug: string }[] }>("/api/v1/sections");

    const change = (part: Partial<Filter>) => {
        setFilter((before) => ({ ...before, ...part }));
    };
    const isFiltered = Object.entries(filter).some(([name, text]) => name !== "sort" && text !== "");

    return (
        <>
            <div class="heading">
                <h1>Access tokens</h1>
                {value && <span class="muted">{count(value.total)} in all</span>}
                {mayChange && (
                    <Button kind="primary" onClick={() => setCreating(true)}>
                        Create token
                    </Button>
                )}
            </div>
            <Filters filter={filter} sections={sections.value?.sections.map((s) => s.slug) ?? []} onChange={change} />
            {error !== undefined && <Note kind="error" text={sentence(error)} retry={reload} />}
            {value === undefined && error === undefined && <Loading what="tokens" />}
            {value && value.tokens.length === 0 && (
                <Nothing isFiltered={isFiltered} isFirst={pages.number === 1} mayChange={mayChange} onClear={() => change(kNoFilter)} />
            )}
            {value && value.tokens.length > 0 && (
                <div class={isLoading ? "table-box busy" : "table-box"} aria-busy={isLoading}>
                    <TokenTable tokens={value.tokens} sort={filter.sort} mayChange={mayChange} onSort={(sort) => change({ sort })} onChanged={reload} />
                </div>
            )}
            <Pager pages={pages} back="Previous page" on="Next page" />
            {isCreating && (
                <TokenForm
                    sections={sections.value?.sections.map((s) => s.slug) ?? []}
                    onClose={() => setCreating(false)}
                    onIssued={(token) => {
                        setCreating(false);
                        setIssued(token);
                        reload();
                    }}
                />
            )}
            {issued && <Credentials issued={issued} title={`Credentials of ${issued.name}`} onClose={() => setIssued(null)} />}
        </>
    );
}

function Nothing({ isFiltered, isFirst, mayChange, onClear }: { isFiltered: boolean; isFirst: boolean; mayChange: boolean; onClear: () => void }) {
    if (!isFirst) return <Empty title="That was all." />;
    if (isFiltered)
        return (
            <Empty title="No token fits.">
                <Button onClick={onClear}>Show all tokens</Button>
            </Empty>
        );
    return (
        <Empty title="There are no tokens yet.">
            <p>{mayChange ? "Create one for each integration, with the sections that it needs." : "Somebody with the role admin can create one."}</p>
        </Empty>
    );
}

function Filters({ filter, sections, onChange }: { filter: Filter; sections: string[]; onChange: (part: Partial<Filter>) => void }) {
    const select = (name: keyof Filter, label: string, values: [string, string][]) => (
        <label>
            <span class="label">{label}</span>
            <select value={filter[name]} onChange={(e) => onChange({ [name]: e.currentTarget.value })}>
                <option value="">Any</option>
                {values.map(([value, text]) => (
                    <option value={value}>{text}</option>
                ))}
            </select>
        </label>
    );
    return (
        <div class="filters" role="search">
            <label class="wide">
                <span class="label">Search</span>
                <input
                    type="search"
                    placeholder="Name, key or id"
                    maxLength={200}
                    value={filter.q}
                    onInput={(e) => onChange({ q: e.currentTarget.value })}
                />
            </label>
            {select("status", "Status", [["live", "Live"], ["disabled", "Disabled"]])}
            {select("permissions", "Permissions", [["read-only", "Read-Only"], ["read-write", "Read-Write"]])}
            {select("environment", "Environment", [["live", "Live"], ["test", "Test"]])}
            {select("section", "Section", sections.map((slug) => [slug, slug]))}
        </div>
    );
}

interface TableProps {
    tokens: Token[];
    sort: Sort;
    mayChange: boolean;
    onSort: (sort: Sort) => void;
    onChanged: () => void;
}

function TokenTable({ tokens, sort, mayChange, onSort, onChanged }: TableProps) {
    const [error, setError] = useState<unknown>(undefined);
    const [busyId, setBusyId] = useState("");
    const sortable = (name: "created" | "name" | "last_used", label: string) => {
        const direction = sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none";
        const next = sort === `-${name}` ? name : `-${name}`;
        return (
            <th scope="col" aria-sort={direction}>
                <button type="button" class="sort" onClick={() => onSort(next as Sort)}>
                    {label}
                    <span aria-hidden="true">{direction === "ascending" ? " ↑" : direction === "descending" ? " ↓" : ""}</span>
                </button>
            </th>
        );
    };
    const switchTo = (token: Token, isLive: boolean) => {
        setBusyId(token.id);
        setError(undefined);
        post(`/api/v1/tokens/${token.id}/${isLive ? "enable" : "disable"}`)
            .then(onChanged)
            .catch((e: unknown) => setError(() => e))
            .finally(() => setBusyId(""));
    };
    return (
        <>
            {error !== undefined && <Note kind="error" text={sentence(error)} />}
            <table class="tokens">
                <thead>
                    <tr>
                        {sortable("created", "Created")}
                        {sortable("name", "Name")}
                        <th scope="col">Key</th>
                        <th scope="col">Status</th>
                        <th scope="col">Permissions</th>
                        <th scope="col">Sections</th>
                        {sortable("last_used", "Last used")}
                        <th scope="col">Hint</th>
                    </tr>
                </thead>
                <tbody>
                    {tokens.map((token) => (
                        <tr key={token.id} class={token.status === "disabled" ? "off" : ""}>
                            <td class="nowrap">{minute(token.created_at)}</td>
                            <td class="name">
                                <a href={`#/tokens/${token.id}`}>{token.name}</a>
                                {token.environment === "test" && <span class="tag">Test</span>}
                            </td>
                            <td class="nowrap">
                                <code>{token.key}</code>
                            </td>
                            <td class="nowrap">
                                <Switch
                                    isOn={token.status === "live"}
                                    label={`${token.name} is live`}
                                    disabled={!mayChange || busyId === token.id}
                                    onChange={(isLive) => switchTo(token, isLive)}
                                />
                                {token.status === "live" ? "Live" : "Disabled"}
                            </td>
                            <td class="nowrap">{token.permissions === "read-write" ? "Read-Write" : "Read-Only"}</td>
                            <td>
                                <SectionTags slugs={token.sections} />
                            </td>
                            <td class="nowrap">{token.last_used_at ? ago(token.last_used_at) : "Never"}</td>
                            <td>
                                <Hint token={token} />
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </>
    );
}

const kShownSections = 3;

function SectionTags({ slugs }: { slugs: string[] }) {
    const rest = slugs.slice(kShownSections);
    return (
        <>
            {slugs.slice(0, kShownSections).map((slug) => (
                <span class="tag">{slug}</span>
            ))}
            {rest.length > 0 && (
                <span class="tag" title={rest.join(", ")}>
                    +{rest.length}
                </span>
            )}
        </>
    );
}

function Hint({ token }: { token: Token }) {
    const first = mostUrgent(token.advice);
    if (!first) return <></>;
    const others = token.advice.length - 1;
    return (
        <a class="hint" href={`#/tokens/${token.id}`} title={token.advice.map(hint).join(", ")}>
            {hint(first)}
            {others > 0 && ` +${others}`}
        </a>
    );
}
