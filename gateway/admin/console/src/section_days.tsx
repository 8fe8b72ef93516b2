import uPlot from "uplot";

import { axisStyle, colour, kColours, kHeight, usePlot } from "./chart";
import { count, plural } from "./format";
import type { UsageDays } from "./types";
import { Empty } from "./ui";

const kDaySeconds = 86_400;

interface Part {
    label: string;
    /** A number for each day. */
    reads: number[];
    writes: number[];
}

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
const inAll = (part: Part) => sum(part.reads) + sum(part.writes);
const secondsOf = (day: string) => Date.parse(day) / 1000;

/** "24 Nov": the days are those of UTC. */
function dayText(seconds: number): string {
    return new Date(seconds * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
}

function daysBetween(from: string, to: string): number[] {
    const days: number[] = [];
    for (let day = secondsOf(from); day <= secondsOf(to); day += kDaySeconds) days.push(day);
    return days;
}

/** The sections that were used, the busiest first; those that have no colour of their own count as one. */
function partsOf(usage: UsageDays, times: number[]): Part[] {
    const parts = new Map<string, Part>();
    const none = () => times.map(() => 0);
    for (const { day, sections } of usage.days) {
        const at = times.indexOf(secondsOf(day));
        if (at < 0) continue;
        for (const [label, { reads, writes }] of Object.entries(sections)) {
            const part = parts.get(label) ?? { label, reads: none(), writes: none() };
            part.reads[at] = reads;
            part.writes[at] = writes;
            parts.set(label, part);
        }
    }
    return [...parts.values()].sort((a, b) => inAll(b) - inAll(a) || a.label.localeCompare(b.label));
}

function coloured(parts: Part[]): Part[] {
    if (parts.length <= kColours) return parts;
    const rest = parts.slice(kColours - 1);
    const add = (pick: (part: Part) => number[]) => pick(rest[0]!).map((_, at) => sum(rest.map((part) => pick(part)[at] ?? 0)));
    return [...parts.slice(0, kColours - 1), { label: `${rest.length} more`, reads: add((part) => part.reads), writes: add((part) => part.writes) }];
}

/** One upon the other: each bar reaches up to the sum of its section and those below it, the tallest lies behind. */
function stacked(parts: Part[]): number[][] {
    const tops: number[][] = [];
    let below: number[] = [];
    for (const part of [...parts].reverse()) {
        below = part.reads.map((reads, at) => reads + (part.writes[at] ?? 0) + (below[at] ?? 0));
        tops.unshift(below);
    }
    return tops;
}

function optionsOf(parts: Part[], times: number[], width: number): uPlot.Options {
    const style = axisStyle();
    return {
        width,
        height: kHeight,
        legend: { show: true, live: true },
        cursor: { points: { show: false }, drag: { x: false, y: false } },
        scales: {
            x: { time: false, range: [times[0]! - kDaySeconds / 2, times.at(-1)! + kDaySeconds / 2] },
            y: { range: (_, __, high) => [0, high > 0 ? high * 1.1 : 1] },
        },
        axes: [
            { ...style, values: (_, marks) => marks.map(dayText), splits: () => times.filter((_, at) => (times.length - 1 - at) % 7 === 0), grid: { show: false } },
            { ...style, size: 64, values: (_, marks) => marks.map((n) => (Number.isInteger(n) ? count(n) : "")) },
        ],
        series: [
            { label: "Day", value: (_, day: number | null) => (day === null ? "all" : dayText(day)) },
            ...parts.map((part, i) => ({
                label: part.label,
                stroke: colour(i),
                fill: colour(i),
                width: 0,
                paths: uPlot.paths.bars!({ size: [0.7, 48] }),
                points: { show: false },
                value: (_: uPlot, __: number, ___: number, at: number | null) =>
                    at === null ? count(inAll(part)) : count((part.reads[at] ?? 0) + (part.writes[at] ?? 0)),
            })),
        ],
    };
}

/** What a token did in each of its sections, day by day: as bars, and as a table for those who cannot see them. */
export function SectionDays({ usage, sections }: { usage: UsageDays; sections: string[] }) {
    const times = daysBetween(usage.from, usage.to);
    const parts = partsOf(usage, times);
    if (parts.length === 0)
        return (
            <section class="card">
                <Empty title={`No use in the last ${plural(times.length, "day")}.`} />
            </section>
        );
    const idle = sections.filter((slug) => !parts.some((part) => part.label === slug));
    return (
        <section class="card">
            <Bars parts={coloured(parts)} times={times} total={usage.days.length} />
            {idle.length > 0 && (
                <p class="muted">
                    Not used in the last {plural(times.length, "day")}: {idle.join(", ")}.
                </p>
            )}
            <details>
                <summary>As a table</summary>
                <DayTable usage={usage} parts={parts} />
            </details>
        </section>
    );
}

function Bars({ parts, times, total }: { parts: Part[]; times: number[]; total: number }) {
    const data = [times, ...stacked(parts)] as uPlot.AlignedData;
    const { box } = usePlot((width) => optionsOf(parts, times, width), data, JSON.stringify([times, parts]));
    return (
        <figure>
            <figcaption>
                Allowed requests a day (UTC), used on {plural(total, "day")} of the last {times.length}
            </figcaption>
            <div ref={box} class="chart" aria-hidden="true" />
            <p class="visually-hidden">{parts.map((part) => `${part.label}: ${plural(inAll(part), "request")}`).join(", ")}. By day in the table below.</p>
        </figure>
    );
}

function DayTable({ usage, parts }: { usage: UsageDays; parts: Part[] }) {
    return (
        <div class="table-box">
            <table>
                <caption>Reads / writes by day and section</caption>
                <thead>
                    <tr>
                        <th scope="col">Day</th>
                        {parts.map((part) => (
                            <th scope="col" key={part.label}>
                                {part.label}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {[...usage.days].reverse().map(({ day, sections }) => (
                        <tr key={day}>
                            <th scope="row">{day}</th>
                            {parts.map(({ label }) => {
                                const counts = sections[label];
                                return (
                                    <td class="nowrap" key={label}>
                                        {counts ? `${count(counts.reads)} / ${count(counts.writes)}` : "–"}
                                    </td>
                                );
                            })}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
