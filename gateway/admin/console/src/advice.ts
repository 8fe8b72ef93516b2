import { day } from "./format";
import type { Advice } from "./types";

/** What a review found, short enough for a table. */
export function hint(advice: Advice): string {
    switch (advice.advice) {
        case "expired":
            return "Expired";
        case "expires_soon":
            return `Expires ${advice.at ? day(advice.at) : "soon"}`;
        case "unused":
            return "Unused";
        case "section_unused":
            return `${advice.section} unused`;
        case "write_unused":
            return "Never writes";
        case "old_secret_in_use":
            return "Old secret in use";
        case "uses_basic":
            return "Sends its secret";
        default:
            return advice.advice;
    }
}

/** What to do about it. */
export function remedy(advice: Advice): string {
    switch (advice.advice) {
        case "expired":
            return "Delete it, or give it another expiry.";
        case "expires_soon":
            return "Give it another expiry, or let it end.";
        case "unused":
            return "Disable it: what nobody uses, nobody misses.";
        case "section_unused":
            return `Take the section ${advice.section} away.`;
        case "write_unused":
            return "Make it read-only.";
        case "old_secret_in_use":
            return `The old secret was last used on ${advice.at ? day(advice.at) : "an unknown day"}: put the new one everywhere.`;
        case "uses_basic":
            return "Let the client sign its requests, then require signatures.";
        default:
            return "";
    }
}

/** Those that come first deserve attention first. */
const kOrder = ["old_secret_in_use", "expired", "expires_soon", "unused", "write_unused", "section_unused", "uses_basic"];

export function mostUrgent(all: Advice[]): Advice | undefined {
    return [...all].sort((a, b) => kOrder.indexOf(a.advice) - kOrder.indexOf(b.advice))[0];
}
