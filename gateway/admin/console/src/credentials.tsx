import { useState } from "preact/hooks";

import type { IssuedToken } from "./types";
import { Button, CopyButton, Dialog } from "./ui";

/** Shows what exists nowhere else once it is closed; closes only after a promise that it is stored. */
export function Credentials({ issued, title, onClose }: { issued: IssuedToken; title: string; onClose: () => void }) {
    const [isStored, setStored] = useState(false);
    const rows: [string, string, string][] = [
        ["API_KEY", issued.api_key, "names the token"],
        ["API_SECRET", issued.api_secret, "proves who calls; keep it on servers only"],
    ];
    if (issued.public_key) rows.push(["PUBLIC_KEY", issued.public_key, "for checkout forms in browsers"]);
    return (
        <Dialog title={title} onClose={onClose} mayClose={false}>
            <p>
                <strong>The API_SECRET is shown this once and cannot be recovered.</strong> Store it now, where only the client that
                uses it can read it.
            </p>
            <dl class="credentials">
                {rows.map(([name, value, meaning]) => (
                    <div key={name}>
                        <dt>
                            {name} <span class="muted">{meaning}</span>
                        </dt>
                        <dd>
                            <code class="secret" data-credential={name}>
                                {value}
                            </code>
                            <CopyButton text={value} label={`Copy ${name}`} />
                        </dd>
                    </div>
                ))}
            </dl>
            <label class="check">
                <input type="checkbox" checked={isStored} onChange={(e) => setStored(e.currentTarget.checked)} />I have stored the
                credentials safely
            </label>
            <div class="actions">
                <Button kind="primary" disabled={!isStored} onClick={onClose}>
                    Close
                </Button>
            </div>
        </Dialog>
    );
}
