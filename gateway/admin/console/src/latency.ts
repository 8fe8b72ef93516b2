import type { Latency } from "./types";

/** What happened between two totals; nothing of it is negative, also when the process began anew. */
export function difference(after: Latency, before: Latency): Latency {
    const counts = after.counts.map((n, i) => Math.max(0, n - (before.counts[i] ?? 0)));
    return { counts, sum_us: Math.max(0, after.sum_us - before.sum_us) };
}

/** The value below which `fraction` of the requests lie, in microseconds; interpolated within its bucket. */
export function quantile(fraction: number, latency: Latency, boundsUs: number[]): number | null {
    const total = latency.counts.reduce((a, b) => a + b, 0);
    if (total === 0) return null;
    const rank = fraction * total;
    let below = 0;
    for (let i = 0; i < latency.counts.length; ++i) {
        const inside = latency.counts[i] ?? 0;
        if (below + inside < rank || inside === 0) {
            below += inside;
            continue;
        }
        const low = i === 0 ? 0 : (boundsUs[i - 1] ?? 0);
        const high = boundsUs[i];
        // Over the last bound nothing more is known.
        if (high === undefined) return low;
        return low + (high - low) * ((rank - below) / inside);
    }
    return null;
}
