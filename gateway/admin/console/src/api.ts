import { dropPageKey, pageKey, setPageKey } from "./page_key";
import type { OpenedSession, Problem, Session } from "./types";

/** A call that was refused, or got no answer at all (`status` 0). */
export class ApiError extends Error {
    constructor(readonly problem: Problem) {
        super(problem.detail);
    }
    get status(): number {
        return this.problem.status;
    }
    get code(): string {
        return this.problem.code;
    }
}

interface Options {
    body?: unknown;
    /** The version that was read, for changes that must not undo somebody else's. */
    version?: number;
    signal?: AbortSignal;
}

let onSessionEnd: () => void = () => undefined;

/** What to do when the gateway says that nobody is logged in any more. */
export function whenSessionEnds(action: () => void): void {
    onSessionEnd = action;
}

const kDeadlineMs = 30_000;
const kEnds = ["session_ended", "key_missing", "page_key_missing"];

export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
    const headers: Record<string, string> = {};
    if (options.body !== undefined) headers["Content-Type"] = "application/json";
    if (options.version !== undefined) headers["If-Match"] = `"${options.version}"`;
    const half = pageKey();
    if (half !== null) headers["X-Kwikgate-Page-Key"] = half;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), kDeadlineMs);
    options.signal?.addEventListener("abort", () => abort.abort());
    let answer: Response;
    let text: string;
    try {
        answer = await fetch(path, {
            method,
            headers,
            body: options.body === undefined ? null : JSON.stringify(options.body),
            credentials: "same-origin",
            signal: abort.signal,
        });
        text = await answer.text();
    } catch (error) {
        if (options.signal?.aborted) throw error;
        throw new ApiError({ status: 0, code: "no_answer", detail: "The gateway does not answer." });
    } finally {
        clearTimeout(timer);
    }
    if (answer.ok) return (text === "" ? undefined : JSON.parse(text)) as T;
    const problem = readProblem(answer.status, text);
    if (kEnds.includes(problem.code)) onSessionEnd();
    throw new ApiError(problem);
}

function readProblem(status: number, text: string): Problem {
    try {
        return JSON.parse(text) as Problem;
    } catch {
        return { status, code: "unreadable", detail: `The answer (${status}) cannot be read.` };
    }
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>("GET", path, signal ? { signal } : {});
export const post = <T>(path: string, body?: unknown) => call<T>("POST", path, body === undefined ? {} : { body });

/** Opens a session with an admin key or the ticket of a login link. */
export async function logIn(login: { key: string } | { ticket: string }): Promise<Session> {
    const { page_key, ...session } = await post<OpenedSession>("/api/v1/session", login);
    setPageKey(page_key);
    return session;
}

export async function logOut(): Promise<void> {
    try {
        await call("DELETE", "/api/v1/session");
    } finally {
        dropPageKey();
    }
}

/** A sentence for whatever was thrown. */
export function sentence(error: unknown): string {
    if (error instanceof ApiError) {
        const members = error.problem.errors?.map((e) => (e.member ? `${e.member} ${e.message}` : e.message));
        return members?.length ? `${error.message} ${members.join("; ")}.` : error.message;
    }
    return error instanceof Error ? error.message : String(error);
}
