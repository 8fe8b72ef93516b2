// One half of the session. The cookie is the other: it goes to every port of this host, so the cookie alone opens nothing.
// This half stays where only pages of this origin (scheme, host and port) read it: in the tab, over reloads, and from one
// tab to the next.

const kItem = "kwikgate-page-key";
/** How long a new tab waits for an open one to answer. */
const kAnswerMs = 400;

type Message = { kind: "ask" } | { kind: "key"; key: string } | { kind: "ended" };

const channel = new BroadcastChannel("kwikgate-session");
let key: string | null = sessionStorage.getItem(kItem);
let onKey: () => void = () => undefined;

channel.onmessage = (event: MessageEvent<Message>) => {
    const message = event.data;
    if (message.kind === "ask") {
        if (key !== null) tell({ kind: "key", key });
    } else {
        keep(message.kind === "key" ? message.key : null);
        if (message.kind === "key") onKey();
    }
};

function tell(message: Message): void {
    channel.postMessage(message);
}

function keep(next: string | null): void {
    key = next;
    if (next === null) sessionStorage.removeItem(kItem);
    else sessionStorage.setItem(kItem, next);
}

export function pageKey(): string | null {
    return key;
}

/** After a login: this tab keeps it, and the others, whose cookie is new as well, go on with it. */
export function setPageKey(next: string): void {
    keep(next);
    tell({ kind: "key", key: next });
}

/** After a logout, here and in the other tabs. */
export function dropPageKey(): void {
    keep(null);
    tell({ kind: "ended" });
}

/** Asks the open tabs where this one has none. */
export function findPageKey(): Promise<void> {
    if (key !== null) return Promise.resolve();
    return new Promise((done) => {
        const timer = setTimeout(done, kAnswerMs);
        onKey = () => {
            clearTimeout(timer);
            done();
        };
        tell({ kind: "ask" });
    });
}
