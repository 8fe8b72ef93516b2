// The shapes of openapi.json that the console uses.

export type Status = "live" | "disabled";
export type Permissions = "read-only" | "read-write";
export type Environment = "live" | "test";
export type Role = "viewer" | "admin";

export interface Advice {
    advice: string;
    section: string | null;
    at: string | null;
}

export interface Usage {
    requests: number;
    last_scheme: string | null;
    sections_last_read: Record<string, string>;
    sections_last_written: Record<string, string>;
    secrets_last_used: Record<string, string>;
}

export interface SectionCount {
    reads: number;
    writes: number;
}

/** Days are "2026-11-24", in UTC; those without use are not in it. */
export interface UsageDays {
    from: string;
    to: string;
    days: { day: string; sections: Record<string, SectionCount> }[];
}

export interface Rate {
    requests_per_second: number;
    burst: number;
}

export interface TokenSettings {
    name: string;
    status: Status;
    environment: Environment;
    permissions: Permissions;
    sections: string[];
    account: string | null;
    expires_at: string | null;
    allowed_ips: string[];
    allowed_origins: string[];
    rate: Rate | null;
    max_concurrent: number | null;
    require_signature: boolean;
    require_form_signature: boolean;
    debug: boolean;
}

export interface Token extends TokenSettings {
    id: string;
    key: string;
    created_at: string;
    updated_at: string;
    version: number;
    secret_created_at: string;
    previous_secret_valid_until: string | null;
    last_used_at: string | null;
    usage: Usage;
    advice: Advice[];
}

export interface IssuedToken {
    id: string;
    name: string;
    api_key: string;
    api_secret: string;
    public_key: string | null;
}

export interface TokenPage {
    tokens: Token[];
    total: number;
    next_cursor: string | null;
}

export interface AuditEntry {
    sequence: number;
    at: string;
    actor: string;
    action: string;
    token_id: string;
    before: Record<string, unknown> | null;
    after: Record<string, unknown> | null;
}

export interface AuditPage {
    entries: AuditEntry[];
    next_cursor: string | null;
}

export interface Session {
    key_id: string;
    name: string;
    role: Role;
    expires_at: string | null;
}

export interface OpenedSession extends Session {
    page_key: string;
}

export interface Latency {
    counts: number[];
    sum_us: number;
}

export interface Traffic {
    at: string;
    answered_by_class: number[];
    refused_by_reason: Record<string, number>;
    latency_bounds_us: number[];
    total: Latency;
    gateway: Latency;
    upstream: Latency;
    connections_open: number;
    requests_in_progress: number;
}

export interface Server {
    name: string;
    connections: number;
    requests_in_progress: number;
    failures: number;
    ejections: number;
    ejected_by: number;
    is_up: boolean;
    is_available: boolean;
}

export interface Upstream {
    name: string;
    environments: Environment[];
    connections: number;
    connections_idle: number;
    requests_pending: number;
    connect_failures: number;
    retries: number;
    duration: Latency;
    servers: Server[];
}

export interface GatewayStatus {
    version: string;
    started_at: string;
    workers: number;
    draining: boolean;
    configuration: { file: string; loaded_at: string; last_reload_taken: boolean };
    store: { tokens: number } | null;
}

export interface ExplainedPhase {
    phase: string;
    outcome: "passed" | "refused" | "not_reached" | "unknown";
    detail: string;
}

export interface Explanation {
    request: string;
    at: string;
    phases: ExplainedPhase[];
    signature_base: string[];
    difference: { line: number; column: number; yours: string; ours: string } | null;
    notes: string[];
    allowed: boolean;
    reason: string;
    status: number;
    format: string;
    cause: string;
    detail: string;
    advice: string;
    verdict: string;
}

export interface Problem {
    status: number;
    code: string;
    detail: string;
    errors?: { member: string; message: string }[];
    problems?: { file: string; line: number; column: number; pointer: string; message: string; hint: string | null }[];
}
