import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { get } from "./api";

interface ButtonProps {
    children: ComponentChildren;
    onClick?: () => void;
    kind?: "plain" | "primary" | "danger" | "link";
    type?: "button" | "submit";
    disabled?: boolean;
    label?: string;
}

export function Button({ children, onClick, kind = "plain", type = "button", disabled = false, label }: ButtonProps) {
    return (
        <button type={type} class={kind} disabled={disabled} onClick={onClick} aria-label={label}>
            {children}
        </button>
    );
}

interface NoteProps {
    kind: "error" | "info" | "done";
    text: string;
    retry?: () => void;
}

export function Note({ kind, text, retry }: NoteProps) {
    return (
        <div class={`note ${kind}`} role={kind === "error" ? "alert" : "status"}>
            <span>{text}</span>
            {retry && <Button onClick={retry}>Try again</Button>}
        </div>
    );
}

export function Loading({ what }: { what: string }) {
    return (
        <p class="loading" role="status">
            Loading {what} …
        </p>
    );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
    return (
        <div class="empty">
            <p>
                <strong>{title}</strong>
            </p>
            {children}
        </div>
    );
}

interface DialogProps {
    title: string;
    children: ComponentChildren;
    onClose: () => void;
    /** False: neither Escape nor anything but its own buttons closes it. */
    mayClose?: boolean;
}

/** A modal dialog: the browser keeps the focus inside and gives it back after. */
export function Dialog({ title, children, onClose, mayClose = true }: DialogProps) {
    const element = useRef<HTMLDialogElement>(null);
    useEffect(() => {
        const dialog = element.current;
        dialog?.showModal();
        return () => dialog?.close();
    }, []);
    return (
        <dialog
            ref={element}
            aria-labelledby="dialog-title"
            onCancel={(e) => {
                e.preventDefault();
                if (mayClose) onClose();
            }}
            onKeyDown={(e) => {
                // Browsers close on a second Escape whatever `cancel` said.
                if (e.key === "Escape" && !mayClose) e.preventDefault();
            }}
        >
            <h2 id="dialog-title">{title}</h2>
            {children}
        </dialog>
    );
}

/** Something that a person asked for: whether it is under way, and what went wrong with it. */
export function useAction(): { run: (action: () => Promise<void>) => void; error: unknown; isBusy: boolean } {
    const [error, setError] = useState<unknown>(undefined);
    const [isBusy, setBusy] = useState(false);
    const run = (action: () => Promise<void>) => {
        setBusy(true);
        setError(undefined);
        action()
            .catch((e: unknown) => setError(() => e))
            .finally(() => setBusy(false));
    };
    return { run, error, isBusy };
}

interface ConfirmProps {
    title: string;
    action: string;
    children: ComponentChildren;
    isDanger?: boolean;
    onConfirm: () => Promise<void>;
    onClose: () => void;
    describe: (error: unknown) => string;
}

export function Confirm({ title, action, children, isDanger = false, onConfirm, onClose, describe }: ConfirmProps) {
    const { run, error, isBusy } = useAction();
    return (
        <Dialog title={title} onClose={onClose}>
            {children}
            {error !== undefined && <Note kind="error" text={describe(error)} />}
            <div class="actions">
                <Button onClick={onClose}>Cancel</Button>
                <Button kind={isDanger ? "danger" : "primary"} onClick={() => run(() => onConfirm().then(onClose))} disabled={isBusy}>
                    {action}
                </Button>
            </div>
        </Dialog>
    );
}

export function Switch({ isOn, label, disabled, onChange }: {
    isOn: boolean;
    label: string;
    disabled: boolean;
    onChange: (isOn: boolean) => void;
}) {
    return (
        <button
            type="button"
            role="switch"
            class="switch"
            aria-checked={isOn}
            aria-label={label}
            disabled={disabled}
            onClick={() => onChange(!isOn)}
        >
            <span class="knob" />
        </button>
    );
}

export function CopyButton({ text, label }: { text: string; label: string }) {
    const [isCopied, setCopied] = useState<boolean | undefined>(undefined);
    const copy = () => {
        // Without a secure context there is no clipboard: the text can still be selected.
        const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
        written.then(() => setCopied(true)).catch(() => setCopied(false));
    };
    return (
        <Button onClick={copy} label={label}>
            {isCopied === undefined ? "Copy" : isCopied ? "Copied" : "Select and copy it"}
        </Button>
    );
}

const kAwayMs = 10 * 60_000;
let usedAt = Date.now();
for (const event of ["pointermove", "pointerdown", "keydown", "visibilitychange"]) addEventListener(event, () => (usedAt = Date.now()), { passive: true });

/** Whether nobody looks: what asks again by itself then rests, so that a session may end for want of use. */
export function isAway(): boolean {
    return document.hidden || Date.now() - usedAt > kAwayMs;
}

/** Asks, and again `everyMs` after each answer while somebody is there. Begins anew when `about` changes. */
export function usePolling(ask: (signal: AbortSignal) => Promise<void>, everyMs: number, about: unknown[], whenAway?: () => void): void {
    useEffect(() => {
        const abort = new AbortController();
        let timer: ReturnType<typeof setTimeout> | undefined;
        const turn = () => {
            const again = () => {
                if (!abort.signal.aborted) timer = setTimeout(turn, everyMs);
            };
            if (isAway()) {
                whenAway?.();
                again();
            } else {
                ask(abort.signal).finally(again);
            }
        };
        turn();
        return () => {
            abort.abort();
            clearTimeout(timer);
        };
    }, [everyMs, ...about]);
}

/** What `path` says, asked again every `everyMs` while somebody is there. */
export function usePolled<T>(path: string, everyMs: number): { value: T | undefined; error: unknown; reload: () => void } {
    const [value, setValue] = useState<T | undefined>(undefined);
    const [error, setError] = useState<unknown>(undefined);
    const [round, setRound] = useState(0);
    const ask = (signal: AbortSignal) =>
        get<T>(path, signal)
            .then((found) => {
                setValue(() => found);
                setError(undefined);
            })
            .catch((e: unknown) => {
                if (!signal.aborted) setError(() => e);
            });
    usePolling(ask, everyMs, [path, round]);
    return { value, error, reload: () => setRound((n) => n + 1) };
}

/** What `path` says, asked once and again when it changes or `reload` is called. */
export function useLoaded<T>(path: string): { value: T | undefined; error: unknown; isLoading: boolean; reload: () => void } {
    const [state, setState] = useState<{ path: string; value?: T; error?: unknown }>({ path });
    const [round, setRound] = useState(0);
    const [isLoading, setLoading] = useState(true);
    useEffect(() => {
        const abort = new AbortController();
        setLoading(true);
        get<T>(path, abort.signal)
            .then((value) => setState({ path, value }))
            .catch((error: unknown) => {
                if (!abort.signal.aborted) setState({ path, error });
            })
            .finally(() => {
                if (!abort.signal.aborted) setLoading(false);
            });
        return () => abort.abort();
    }, [path, round]);
    return { value: state.value, error: state.error, isLoading, reload: () => setRound((n) => n + 1) };
}
