import { useRef, useState } from "preact/hooks";

import { get, post, sentence } from "./api";
import { Chart, type Line } from "./chart";
import { count, duration } from "./format";
import { difference, quantile } from "./latency";
import type { Traffic, Upstream } from "./types";
import { Button, Confirm, Empty, Loading, Note, usePolled, usePolling } from "./ui";

const kEveryMs = 2_000;
const kMostSamples = 450;
const kShownReasons = 7;
const kClasses = ["no answer", "1xx", "2xx", "3xx", "4xx", "5xx"];

/** What happened in one interval, per second. */
interface Sample {
    time: number;
    byClass: number[];
    byReason: Record<string, number>;
    gateway: [number | null, number | null];
    upstream: [number | null, number | null];
    connections: number;
}

function sampleOf(after: Traffic, before: Traffic): Sample | null {
    const seconds = (new Date(after.at).getTime() - new Date(before.at).getTime()) / 1000;
    if (seconds <= 0) return null;
    const rate = (a: number, b: number) => Math.max(0, a - b) / seconds;
    const byReason: Record<string, number> = {};
    for (const [reason, n] of Object.entries(after.refused_by_reason)) byReason[reason] = rate(n, before.refused_by_reason[reason] ?? 0);
    const bounds = after.latency_bounds_us;
    const quantiles = (name: "gateway" | "upstream"): [number | null, number | null] => {
        const latency = difference(after[name], before[name]);
        return [quantile(0.5, latency, bounds), quantile(0.99, latency, bounds)];
    };
    return {
        time: new Date(after.at).getTime() / 1000,
        byClass: after.answered_by_class.map((n, i) => rate(n, before.answered_by_class[i] ?? 0)),
        byReason,
        gateway: quantiles("gateway"),
        upstream: quantiles("upstream"),
        connections: after.connections_open,
    };
}

/** Samples since the screen was opened; a gap where the gateway did not answer or nobody looked. */
function useSamples(): { samples: Sample[]; error: unknown } {
    const [samples, setSamples] = useState<Sample[]>([]);
    const [error, setError] = useState<unknown>(undefined);
    const before = useRef<Traffic | undefined>(undefined);
    const ask = (signal: AbortSignal) =>
        get<Traffic>("/api/v1/traffic", signal)
            .then((after) => {
                const sample = before.current && sampleOf(after, before.current);
                before.current = after;
                setError(undefined);
                if (sample) setSamples((all) => [...all.slice(-(kMostSamples - 1)), sample]);
            })
            .catch((e: unknown) => {
                before.current = undefined;
                if (!signal.aborted) setError(() => e);
            });
    usePolling(ask, kEveryMs, [], () => (before.current = undefined));
    return { samples, error };
}

/** The reasons that matter most over all samples, a line each; their colour stays with their place. */
function reasonLines(samples: Sample[]): Line[] {
    const sums = new Map<string, number>();
    for (const sample of samples) for (const [reason, rate] of Object.entries(sample.byReason)) if (rate > 0) sums.set(reason, (sums.get(reason) ?? 0) + rate);
    const shown = [...sums].sort((a, b) => b[1] - a[1]).slice(0, kShownReasons).map(([reason]) => reason).sort();
    return shown.map((reason, i) => ({ label: reason, colour: i, values: samples.map((sample) => sample.byReason[reason] ?? 0) }));
}

const perSecond = (n: number) => (n >= 100 ? count(Math.round(n)) : String(Number(n.toFixed(n >= 10 ? 1 : 2))));

export function TrafficScreen({ mayChange }: { mayChange: boolean }) {
    const { samples, error } = useSamples();
    const [isReloading, setReloading] = useState(false);
    const times = samples.map((sample) => sample.time);
    const classes = kClasses.map((label, i) => ({ label, colour: [7, 6, 0, 5, 3, 4][i] ?? 0, values: samples.map((s) => s.byClass[i] ?? 0) }));
    const reasons = reasonLines(samples);
    const line = (label: string, colour: number, pick: (s: Sample) => number | null): Line => ({ label, colour, values: samples.map(pick) });
    return (
        <>
            <div class="heading">
                <h1>Traffic</h1>
                <span class="muted">since this screen was opened, up to fifteen minutes</span>
                {mayChange && <Button onClick={() => setReloading(true)}>Reload configuration</Button>}
            </div>
            {error !== undefined && <Note kind="error" text={sentence(error)} />}
            {samples.length < 2 && error === undefined && <Loading what="the first seconds" />}
            {samples.length >= 2 && (
                <div class="charts">
                    <Chart title="Answers of the API, per second" times={times} lines={classes.filter((c) => c.label === "2xx" || c.values.some((n) => n > 0))} format={perSecond} />
                    {reasons.length === 0 ? (
                        <figure>
                            <figcaption>Refusals by reason, per second</figcaption>
                            <Empty title="Nothing was refused." />
                        </figure>
                    ) : (
                        <Chart title="Refusals by reason, per second" times={times} lines={reasons} format={perSecond} />
                    )}
                    <Chart
                        title="Latency of the gateway itself"
                        times={times}
                        lines={[line("p50", 0, (s) => s.gateway[0]), line("p99", 4, (s) => s.gateway[1])]}
                        format={duration}
                    />
                    <Chart
                        title="Latency of the upstream"
                        times={times}
                        lines={[line("p50", 0, (s) => s.upstream[0]), line("p99", 4, (s) => s.upstream[1])]}
                        format={duration}
                    />
                </div>
            )}
            <Upstreams />
            {isReloading && (
                <Confirm title="Reload the configuration?" action="Reload" describe={describeReload} onClose={() => setReloading(false)} onConfirm={() => post<void>("/api/v1/reload")}>
                    <p>The gateway reads its files again. If anything is wrong with them, it keeps what it has. No connection is dropped.</p>
                </Confirm>
            )}
        </>
    );
}

function describeReload(error: unknown): string {
    const problems = (error as { problem?: { problems?: { file: string; line: number; pointer: string; message: string }[] } }).problem?.problems ?? [];
    return [sentence(error), ...problems.map((p) => `${p.file}:${p.line}: ${p.pointer}: ${p.message}`)].join("\n");
}

function Upstreams() {
    const { value, error, reload } = usePolled<{ upstreams: Upstream[] }>("/api/v1/upstreams", 3_000);
    return (
        <>
            <h2>Upstreams</h2>
            {error !== undefined && <Note kind="error" text={sentence(error)} retry={reload} />}
            {value && (
                <div class="table-box">
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">Upstream</th>
                                <th scope="col">Server</th>
                                <th scope="col">Health</th>
                                <th scope="col">Connections</th>
                                <th scope="col">Under way</th>
                                <th scope="col">Failures</th>
                                <th scope="col">Taken out</th>
                            </tr>
                        </thead>
                        <tbody>
                            {value.upstreams.flatMap((upstream) =>
                                upstream.servers.map((server) => (
                                    <tr key={`${upstream.name} ${server.name}`}>
                                        <td>
                                            {upstream.name} <span class="muted">{upstream.environments.join(", ")}</span>
                                        </td>
                                        <td>
                                            <code>{server.name}</code>
                                        </td>
                                        <td>
                                            <span class={server.is_available ? "good" : "bad"}>{!server.is_up ? "Down" : server.is_available ? "Up" : "Taken out"}</span>
                                        </td>
                                        <td>{count(server.connections)}</td>
                                        <td>{count(server.requests_in_progress)}</td>
                                        <td>{count(server.failures)}</td>
                                        <td>{count(server.ejections)}</td>
                                    </tr>
                                )),
                            )}
                        </tbody>
                    </table>
                </div>
            )}
        </>
    );
}
