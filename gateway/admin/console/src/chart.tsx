import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

export interface Line {
    label: string;
    /** Index into the palette of theme.css. */
    colour: number;
    values: (number | null)[];
}

interface Props {
    title: string;
    times: number[];
    lines: Line[];
    format: (value: number) => string;
}

export const kHeight = 220;
const kLeastSeconds = 60;

function themed(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** How many colours there are to tell lines apart. */
export const kColours = 8;

export function colour(index: number): string {
    return themed(`--line-${index % kColours}`);
}

/** What every axis looks like. */
export function axisStyle(): { stroke: string; grid: { stroke: string; width: number } } {
    return { stroke: themed("--muted"), grid: { stroke: themed("--line"), width: 1 } };
}

function optionsOf({ lines, format }: Props, width: number): uPlot.Options {
    const style = axisStyle();
    return {
        width,
        height: kHeight,
        legend: { show: true, live: true },
        cursor: { points: { size: 7 }, drag: { x: false, y: false } },
        scales: { x: { time: true, range: (_, low, high) => [Math.min(low, high - kLeastSeconds), high] }, y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.1 : 1] } },
        axes: [
            { ...style, values: (_, marks) => marks.map(clock), space: 70 },
            { ...style, size: 64, values: (_, marks) => marks.map(format) },
        ],
        hooks: { setCursor: [tellNewest] },
        series: [
            { value: (_: uPlot, time: number | null) => (time === null ? "" : clock(time)) },
            ...lines.map((line) => ({
                label: line.label,
                stroke: colour(line.colour),
                width: 2,
                spanGaps: false,
                points: { show: false },
                value: (_: uPlot, value: number | null) => (value === null ? "–" : format(value)),
            })),
        ],
    };
}

/** "14:07:30" */
function clock(seconds: number): string {
    return new Date(seconds * 1000).toTimeString().slice(0, 8);
}

/** Without a pointer over the chart, the legend tells the newest values. */
export function tellNewest(plot: uPlot): void {
    if (plot.cursor.idx === null || plot.cursor.idx === undefined) plot.setLegend({ idx: plot.data[0].length - 1 });
}

/** Draws into the element of the ref; anew only when `shape` is another, and wider or narrower with the page. */
export function usePlot(optionsOf: (width: number) => uPlot.Options, data: uPlot.AlignedData, shape: string) {
    const box = useRef<HTMLDivElement>(null);
    const plot = useRef<uPlot | null>(null);
    useEffect(() => {
        const element = box.current!;
        const made = new uPlot(optionsOf(element.clientWidth), data, element);
        plot.current = made;
        const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: kHeight }));
        resize.observe(element);
        return () => {
            resize.disconnect();
            made.destroy();
        };
    }, [shape]);
    return { box, plot };
}

/** A chart that grows with its data. */
export function Chart(props: Props) {
    const shape = props.lines.map((line) => `${line.label}/${line.colour}`).join();
    const data = [props.times, ...props.lines.map((line) => line.values)] as uPlot.AlignedData;
    const { box, plot } = usePlot((width) => optionsOf(props, width), data, shape);
    useEffect(() => {
        plot.current?.setData(data);
        if (plot.current) tellNewest(plot.current);
    }, [props.times]);
    const last = props.lines
        .map((line) => ({ label: line.label, value: line.values.at(-1) }))
        .filter((line) => typeof line.value === "number");
    return (
        <figure>
            <figcaption>{props.title}</figcaption>
            <div ref={box} class="chart" aria-hidden="true" />
            <p class="visually-hidden">
                {last.length === 0 ? "Nothing at the moment." : last.map((line) => `${line.label}: ${props.format(line.value as number)}`).join(", ")}
            </p>
        </figure>
    );
}
