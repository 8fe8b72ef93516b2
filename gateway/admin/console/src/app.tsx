import { useEffect, useState } from "preact/hooks";

import { ApiError, get, logIn, logOut, sentence, whenSessionEnds } from "./api";
import { AuditScreen } from "./audit";
import { ExplainScreen } from "./explain_screen";
import { ago, plural } from "./format";
import { Login } from "./login";
import { findPageKey } from "./page_key";
import { takeTicket } from "./ticket";
import { TokenScreen } from "./token_screen";
import { TokensScreen } from "./tokens_screen";
import { TrafficScreen } from "./traffic_screen";
import type { GatewayStatus, Session } from "./types";
import { Button, Loading, Note, usePolled } from "./ui";

const kScreens: [string, string][] = [
    ["#/tokens", "Access tokens"],
    ["#/traffic", "Traffic"],
    ["#/explain", "Explain"],
    ["#/audit", "Audit"],
];

function useHash(): string {
    const [hash, setHash] = useState(location.hash || "#/tokens");
    useEffect(() => {
        const follow = () => setHash(location.hash || "#/tokens");
        addEventListener("hashchange", follow);
        return () => removeEventListener("hashchange", follow);
    }, []);
    return hash;
}

export function App() {
    const [session, setSession] = useState<Session | null | undefined>(undefined);
    const [error, setError] = useState<unknown>(undefined);
    const [notice, setNotice] = useState<string | undefined>(undefined);

    const enter = (opened: Session) => {
        setNotice(undefined);
        setSession(opened);
    };
    const load = () => {
        setError(undefined);
        // A session that is there is kept: no link changes who somebody is.
        const ticket = takeTicket();
        findPageKey()
            .then(() => get<Session>("/api/v1/session"))
            .then(setSession)
            .catch((e: unknown) => {
                if (!(e instanceof ApiError && e.status === 401)) setError(() => e);
                else if (ticket === null) setSession(null);
                else return redeem(ticket);
            });
    };
    const redeem = (ticket: string) =>
        logIn({ ticket })
            .then(enter)
            .catch((e: unknown) => {
                setNotice(sentence(e));
                setSession(null);
            });
    useEffect(() => {
        whenSessionEnds(() =>
            setSession((before) => {
                if (before) setNotice("The session ended; log in again. Nothing is lost that was saved.");
                return null;
            }),
        );
        load();
        const follow = () => location.hash.startsWith("#login=") && load();
        addEventListener("hashchange", follow);
        return () => removeEventListener("hashchange", follow);
    }, []);

    if (error !== undefined) return <Note kind="error" text={sentence(error)} retry={load} />;
    if (session === undefined) return <Loading what="the console" />;
    if (session === null) return <Login notice={notice} onLogin={enter} />;
    return <Frame session={session} onLogOut={() => setSession(null)} />;
}

function Frame({ session, onLogOut }: { session: Session; onLogOut: () => void }) {
    const hash = useHash();
    const mayChange = session.role === "admin";
    const leave = () => {
        logOut().catch(() => undefined).finally(onLogOut);
    };
    return (
        <>
            <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), document.getElementById("main")?.focus())}>
                Skip to content
            </a>
            <header class="top">
                <a class="brand" href="#/tokens">
                    <img src="/icon.svg" alt="" width="24" height="24" /> kwikgate
                </a>
                <nav aria-label="Screens">
                    {kScreens.map(([target, name]) => (
                        <a href={target} aria-current={hash.startsWith(target) ? "page" : undefined}>
                            {name}
                        </a>
                    ))}
                </nav>
                <span class="who" title={`Admin key ${session.key_id}`}>
                    {session.name} · {session.role}
                </span>
                <Button onClick={leave}>Log out</Button>
            </header>
            <main id="main" tabIndex={-1}>
                <Screen hash={hash} mayChange={mayChange} />
            </main>
            <StatusBar />
        </>
    );
}

function Screen({ hash, mayChange }: { hash: string; mayChange: boolean }) {
    const token = /^#\/tokens\/(tok_[0-9A-Za-z]+)$/.exec(hash)?.[1];
    if (token) return <TokenScreen key={token} id={token} mayChange={mayChange} />;
    if (hash.startsWith("#/traffic")) return <TrafficScreen mayChange={mayChange} />;
    if (hash.startsWith("#/explain")) return <ExplainScreen />;
    if (hash.startsWith("#/audit")) return <AuditScreen />;
    return <TokensScreen mayChange={mayChange} />;
}

function StatusBar() {
    const { value, error } = usePolled<GatewayStatus>("/api/v1/status", 10_000);
    return (
        <footer class="status" aria-live="polite">
            {error !== undefined && <span class="bad">{sentence(error)}</span>}
            {value && (
                <>
                    <span>kwikgate {value.version}</span>
                    <span>{plural(value.workers, "worker")}</span>
                    <span>{value.store ? `${plural(value.store.tokens, "token")}` : "the store cannot be read"}</span>
                    <span>configuration of {ago(value.configuration.loaded_at)}</span>
                    {!value.configuration.last_reload_taken && <span class="bad">the last reload was refused</span>}
                    {value.draining && <span class="bad">draining</span>}
                </>
            )}
        </footer>
    );
}
