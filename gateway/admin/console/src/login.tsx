import { useState } from "preact/hooks";

import { logIn, sentence } from "./api";
import type { Session } from "./types";
import { Button, Note, useAction } from "./ui";

interface Props {
    /** Why there is something to do here again. */
    notice: string | undefined;
    onLogin: (session: Session) => void;
}

export function Login({ notice, onLogin }: Props) {
    const [key, setKey] = useState("");
    const { run, error, isBusy } = useAction();

    const submit = (event: Event) => {
        event.preventDefault();
        run(() =>
            logIn({ key: key.trim() }).then((session) => {
                setKey("");
                onLogin(session);
            }),
        );
    };
    return (
        <main class="login">
            <form onSubmit={submit}>
                <h1>
                    <img src="/icon.svg" alt="" width="32" height="32" /> kwikgate
                </h1>
                {notice !== undefined && <Note kind="info" text={notice} />}
                <label for="key">Admin key</label>
                <input
                    id="key"
                    type="password"
                    autocomplete="off"
                    required
                    autofocus
                    value={key}
                    onInput={(e) => setKey(e.currentTarget.value)}
                />
                <p class="help">
                    <code>kwikgate init</code> printed the first one; <code>kwikgate admin key create</code> makes others.
                </p>
                {error !== undefined && <Note kind="error" text={sentence(error)} />}
                <Button kind="primary" type="submit" disabled={isBusy || key.trim() === ""}>
                    Log in
                </Button>
            </form>
        </main>
    );
}
