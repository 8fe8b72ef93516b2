import { useEffect, useState } from "preact/hooks";

import { Button, useLoaded } from "./ui";

interface Page {
    next_cursor: string | null;
}

export interface Pages<T> {
    /** Undefined until it is there. */
    page: T | undefined;
    number: number;
    error: unknown;
    isLoading: boolean;
    reload: () => void;
    goOn: (() => void) | undefined;
    goBack: (() => void) | undefined;
}

/**
 * A list by its pages, from the first one of `path`, which has a query. The gateway looks at so many entries a call: a page
 * that is empty for that reason is passed over.
 */
export function usePages<T extends Page>(path: string, isEmpty: (page: T) => boolean): Pages<T> {
    // Cursors of the pages so far; the last one is shown. Those of another path do not count.
    const [place, setPlace] = useState({ path, cursors: [""] });
    const cursors = place.path === path ? place.cursors : [""];
    const cursor = cursors.at(-1) ?? "";
    const turnTo = (next: string[]) => setPlace({ path, cursors: next });
    const { value, error, isLoading, reload } = useLoaded<T>(cursor === "" ? path : `${path}&cursor=${encodeURIComponent(cursor)}`);
    const next = value?.next_cursor ?? null;
    const isPassedOver = value !== undefined && next !== null && isEmpty(value);
    useEffect(() => {
        if (isPassedOver && !isLoading) turnTo([...cursors.slice(0, -1), next]);
    }, [value, isLoading]);
    return {
        page: isPassedOver ? undefined : value,
        number: cursors.length,
        error,
        isLoading,
        reload,
        goOn: next === null || isPassedOver ? undefined : () => turnTo([...cursors, next]),
        goBack: cursors.length === 1 ? undefined : () => turnTo(cursors.slice(0, -1)),
    };
}

interface PagerProps {
    pages: Pages<unknown>;
    back: string;
    on: string;
}

export function Pager({ pages, back, on }: PagerProps) {
    if (!pages.goOn && !pages.goBack) return <></>;
    return (
        <div class="pager">
            <Button disabled={!pages.goBack} onClick={() => pages.goBack?.()}>
                {back}
            </Button>
            <span>Page {pages.number}</span>
            <Button disabled={!pages.goOn} onClick={() => pages.goOn?.()}>
                {on}
            </Button>
        </div>
    );
}

/** Follows `value` once it has not changed for a moment. */
export function useSettled<T>(value: T, ms: number): T {
    const [settled, setSettled] = useState(value);
    useEffect(() => {
        const timer = setTimeout(() => setSettled(value), ms);
        return () => clearTimeout(timer);
    }, [value, ms]);
    return settled;
}
