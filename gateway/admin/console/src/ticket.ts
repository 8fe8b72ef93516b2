/** The ticket of a login link ("#login=…"), taken out of the address at once so that no history keeps it. */
export function takeTicket(): string | null {
    const ticket = /^#login=([\w.]+)$/.exec(location.hash)?.[1];
    if (ticket === undefined) return null;
    history.replaceState(null, "", location.pathname);
    return ticket;
}
