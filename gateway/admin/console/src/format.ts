/** "2026-11-24 07:50" in local time. */
export function minute(iso: string): string {
    const time = new Date(iso);
    const two = (n: number) => String(n).padStart(2, "0");
    return (
        `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ` +
        `${two(time.getHours())}:${two(time.getMinutes())}`
    );
}

export function day(iso: string): string {
    return minute(iso).slice(0, 10);
}

const kSteps: [number, string][] = [
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
];

/** "3 days ago", "just now". */
export function ago(iso: string, now: number = Date.now()): string {
    const seconds = Math.max(0, (now - new Date(iso).getTime()) / 1000);
    for (const [length, name] of kSteps) {
        const count = Math.floor(seconds / length);
        if (count >= 1) return `${plural(count, name)} ago`;
    }
    return "just now";
}

export function count(n: number): string {
    return n.toLocaleString("en-US");
}

/** "1 token", "1,200 tokens". */
export function plural(n: number, name: string): string {
    return `${count(n)} ${name}${n === 1 ? "" : "s"}`;
}

/** Microseconds as people say them. */
export function duration(us: number): string {
    if (us >= 1e6) return `${(us / 1e6).toFixed(us >= 1e7 ? 0 : 1)} s`;
    if (us >= 1e3) return `${(us / 1e3).toFixed(us >= 1e4 ? 0 : 1)} ms`;
    return `${Math.round(us)} µs`;
}
