import { useState } from "preact/hooks";

import { post, sentence } from "./api";
import { minute } from "./format";
import type { Explanation } from "./types";
import { Button, Note, useAction } from "./ui";

const kExample = `GET /2.0/customers/list HTTP/1.1
Host: api.example
Authorization: Basic …`;

/** How the gateway judges a request that somebody pastes. What is pasted is kept nowhere but in the form. */
export function ExplainScreen() {
    const [request, setRequest] = useState("");
    const [base, setBase] = useState("");
    const [at, setAt] = useState("");
    const [peer, setPeer] = useState("");
    const [told, setTold] = useState<Explanation | undefined>(undefined);
    const { run, error, isBusy } = useAction();

    const submit = (event: Event) => {
        event.preventDefault();
        const question: Record<string, string> = { request };
        if (base !== "") question["base"] = base;
        if (at !== "") question["at"] = new Date(at).toISOString();
        if (peer.trim() !== "") question["peer"] = peer.trim();
        setTold(undefined);
        run(() => post<Explanation>("/api/v1/explain", question).then(setTold));
    };
    return (
        <>
            <div class="heading">
                <h1>Explain</h1>
                <span class="muted">why a request is let in or refused; nothing is sent</span>
            </div>
            <div class="halves">
                <form class="card" onSubmit={submit}>
                    <label for="request">Request</label>
                    <textarea id="request" aria-describedby="request-help" class="code" rows={12} required spellcheck={false} placeholder={kExample} value={request} onInput={(e) => setRequest(e.currentTarget.value)} />
                    <p class="help" id="request-help">
                        A curl command, the output of curl -v, a .http file, a raw request with head and body, or an entry of the debug capture.
                    </p>
                    <details>
                        <summary>More</summary>
                        <label for="base">Signature base that the client computed</label>
                        <textarea id="base" class="code" rows={4} spellcheck={false} value={base} onInput={(e) => setBase(e.currentTarget.value)} />
                        <p class="help">Set: the first difference to the gateway's own is shown.</p>
                        <div class="columns">
                            <div>
                                <label for="at">As of</label>
                                <input id="at" type="datetime-local" value={at} onInput={(e) => setAt(e.currentTarget.value)} />
                                <p class="help">Empty: now.</p>
                            </div>
                            <div>
                                <label for="peer">From the address</label>
                                <input id="peer" placeholder="127.0.0.1" value={peer} onInput={(e) => setPeer(e.currentTarget.value)} />
                            </div>
                        </div>
                    </details>
                    <div class="actions">
                        <Button kind="primary" type="submit" disabled={isBusy || request.trim() === ""}>
                            Explain
                        </Button>
                    </div>
                </form>
                <section aria-label="Verdict" aria-live="polite">
                    {error !== undefined && <Note kind="error" text={sentence(error)} />}
                    {told && <Verdict told={told} />}
                    {!told && error === undefined && (
                        <p class="muted">
                            Paste a request. What only traffic can tell (nonces seen, rates) is told as unknown.
                        </p>
                    )}
                </section>
            </div>
        </>
    );
}

const kFormats: Record<string, string> = { curl_command: "a curl command", curl_output: "the output of curl -v", http_file: "a .http file", capture: "an entry of the debug capture" };
const kOutcomes = { passed: "Passed", refused: "Refused", not_reached: "Not reached", unknown: "Depends" };
const kColours = { passed: "good", refused: "bad", not_reached: "muted", unknown: "warm" };

function Verdict({ told }: { told: Explanation }) {
    return (
        <>
            <Note kind={told.allowed ? "done" : "error"} text={`${told.verdict}, as of ${minute(told.at)}`} />
            {told.detail !== "" && (
                <dl class="base why">
                    <dt>Why</dt>
                    <dd>{told.detail}</dd>
                    {told.advice !== "" && (
                        <>
                            <dt>What to do</dt>
                            <dd>{told.advice}</dd>
                        </>
                    )}
                </dl>
            )}
            {told.format !== "raw" && <p class="help">Read as {kFormats[told.format] ?? told.format}.</p>}
            <div class="table-box">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">Phase</th>
                            <th scope="col">Outcome</th>
                            <th scope="col">Detail</th>
                        </tr>
                    </thead>
                    <tbody>
                        {told.phases.map((line) => (
                            <tr key={line.phase}>
                                <td class="nowrap">{line.phase.replaceAll("_", " ")}</td>
                                <td class={`nowrap ${kColours[line.outcome]}`}>{kOutcomes[line.outcome]}</td>
                                <td class="change">{line.detail}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
            {told.signature_base.length > 0 && (
                <>
                    <h2>Signature base, as computed here</h2>
                    <ol class="base">
                        {told.signature_base.map((line, i) => (
                            <li key={i}>
                                <code>{line}</code>
                            </li>
                        ))}
                    </ol>
                </>
            )}
            {told.difference && (
                <>
                    <h2>
                        First difference: line {told.difference.line}, column {told.difference.column}
                    </h2>
                    <dl class="base">
                        <dt>Yours</dt>
                        <dd>
                            <Marked text={told.difference.yours} column={told.difference.column} />
                        </dd>
                        <dt>The gateway's</dt>
                        <dd>
                            <Marked text={told.difference.ours} column={told.difference.column} />
                        </dd>
                    </dl>
                </>
            )}
            {told.notes.map((note) => (
                <p class="help" key={note}>
                    Note: {note}.
                </p>
            ))}
        </>
    );
}

/** A line with everything from a column on made stand out. Bases are ASCII: a column is a character. */
function Marked({ text, column }: { text: string; column: number }) {
    return (
        <code>
            {text.slice(0, column - 1)}
            <mark>{text.slice(column - 1)}</mark>
        </code>
    );
}
