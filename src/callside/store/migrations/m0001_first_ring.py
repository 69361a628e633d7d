"""First ring: tenants and what is set up for them, logins, live rows, call records, facts.

``{number}`` is a 64-bit whole number, ``{serial}`` a key that the database counts up, ``{end}`` closes a table.
"""

from typing import Final

NUMBER: Final = 1
NAME: Final = "first ring"

_ADMINISTRATION: Final = (
    "CREATE TABLE meta (key TEXT NOT NULL, value TEXT NOT NULL, CONSTRAINT meta_pkey PRIMARY KEY (key){end}",
    """CREATE TABLE counters (
        kind TEXT NOT NULL, value {number} NOT NULL,
        CONSTRAINT counters_pkey PRIMARY KEY (kind){end}""",
    """CREATE TABLE tenants (
        id TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL, region TEXT NOT NULL, crm_origins TEXT NOT NULL,
        breaks TEXT NOT NULL, dispositions TEXT NOT NULL, enabled {number} NOT NULL,
        CONSTRAINT tenants_pkey PRIMARY KEY (id),
        CONSTRAINT tenants_name UNIQUE (name_key){end}""",
    """CREATE TABLE api_tokens (
        tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        id TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, created_at {number} NOT NULL, revoked_at {number},
        CONSTRAINT api_tokens_pkey PRIMARY KEY (tenant_id, id),
        CONSTRAINT api_tokens_digest UNIQUE (digest){end}""",
    """CREATE TABLE agents (
        tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        id TEXT NOT NULL, username TEXT NOT NULL, username_key TEXT NOT NULL, name TEXT NOT NULL,
        password_hash TEXT NOT NULL, enabled {number} NOT NULL, auto_answer {number} NOT NULL,
        CONSTRAINT agents_pkey PRIMARY KEY (tenant_id, id),
        CONSTRAINT agents_username UNIQUE (tenant_id, username_key){end}""",
    """CREATE TABLE extensions (
        tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        id TEXT NOT NULL, number TEXT NOT NULL, name TEXT NOT NULL, secret_digest TEXT NOT NULL,
        CONSTRAINT extensions_pkey PRIMARY KEY (tenant_id, id),
        CONSTRAINT extensions_number UNIQUE (tenant_id, number){end}""",
    """CREATE TABLE queues (
        tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        id TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,
        ring_s {number} NOT NULL, wrap_up_s {number} NOT NULL, max_wait_s {number} NOT NULL,
        CONSTRAINT queues_pkey PRIMARY KEY (tenant_id, id),
        CONSTRAINT queues_name UNIQUE (tenant_id, name_key){end}""",
    """CREATE TABLE queue_agents (
        tenant_id TEXT NOT NULL, queue_id TEXT NOT NULL, agent_id TEXT NOT NULL,
        CONSTRAINT queue_agents_pkey PRIMARY KEY (tenant_id, queue_id, agent_id),
        FOREIGN KEY (tenant_id, queue_id) REFERENCES queues (tenant_id, id) ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id) ON DELETE CASCADE{end}""",
    "CREATE INDEX queue_agents_agent ON queue_agents (tenant_id, agent_id)",
    """CREATE TABLE queue_numbers (
        tenant_id TEXT NOT NULL, queue_id TEXT NOT NULL, position {number} NOT NULL,
        number TEXT NOT NULL, number_key TEXT NOT NULL,
        CONSTRAINT queue_numbers_pkey PRIMARY KEY (tenant_id, queue_id, position),
        CONSTRAINT queue_numbers_number UNIQUE (tenant_id, number_key),
        FOREIGN KEY (tenant_id, queue_id) REFERENCES queues (tenant_id, id) ON DELETE CASCADE{end}""",
    """CREATE TABLE trunks (
        tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        id TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL, host TEXT NOT NULL, port {number} NOT NULL,
        username TEXT NOT NULL, secret TEXT NOT NULL, caller_id TEXT NOT NULL,
        CONSTRAINT trunks_pkey PRIMARY KEY (tenant_id, id),
        CONSTRAINT trunks_name UNIQUE (tenant_id, name_key){end}""",
    """CREATE TABLE campaigns (
        tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        id TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL, type TEXT NOT NULL, trunk_id TEXT NOT NULL,
        caller_id TEXT NOT NULL, dial_rules TEXT NOT NULL, ring_s {number} NOT NULL, wrap_up_s {number} NOT NULL,
        CONSTRAINT campaigns_pkey PRIMARY KEY (tenant_id, id),
        CONSTRAINT campaigns_name UNIQUE (tenant_id, name_key),
        FOREIGN KEY (tenant_id, trunk_id) REFERENCES trunks (tenant_id, id){end}""",
    "CREATE INDEX campaigns_trunk ON campaigns (tenant_id, trunk_id)",
    """CREATE TABLE campaign_agents (
        tenant_id TEXT NOT NULL, campaign_id TEXT NOT NULL, agent_id TEXT NOT NULL,
        CONSTRAINT campaign_agents_pkey PRIMARY KEY (tenant_id, campaign_id, agent_id),
        FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaigns (tenant_id, id) ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id) ON DELETE CASCADE{end}""",
    "CREATE INDEX campaign_agents_agent ON campaign_agents (tenant_id, agent_id)",
)

_FLOOR: Final = (
    """CREATE TABLE sessions (
        tenant_id TEXT NOT NULL, id TEXT NOT NULL, agent_id TEXT NOT NULL, login_type TEXT NOT NULL,
        assignment_id TEXT, extension_id TEXT, handle_digest TEXT NOT NULL, opened_at {number} NOT NULL,
        binding_digest TEXT, bearer_digest TEXT, bound_at {number}, ended_at {number}, end_cause TEXT,
        CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, id),
        CONSTRAINT sessions_handle UNIQUE (handle_digest){end}""",
    "CREATE UNIQUE INDEX sessions_open ON sessions (tenant_id, agent_id) WHERE ended_at IS NULL",
    "CREATE INDEX sessions_bearer ON sessions (bearer_digest)",
    """CREATE TABLE facts (
        seq {serial}, tenant_id TEXT NOT NULL, kind TEXT NOT NULL, mono {number} NOT NULL, wall {number} NOT NULL,
        session_id TEXT, agent_id TEXT, call_id TEXT, detail TEXT NOT NULL{end}""",
    "CREATE INDEX facts_call ON facts (tenant_id, call_id, seq)",
    "CREATE INDEX facts_tenant ON facts (tenant_id, seq)",
    """CREATE TABLE fact_marks (
        tenant_id TEXT NOT NULL, digest TEXT NOT NULL,
        CONSTRAINT fact_marks_pkey PRIMARY KEY (tenant_id){end}""",
    """CREATE TABLE live_sessions (
        tenant_id TEXT NOT NULL, id TEXT NOT NULL, row TEXT NOT NULL,
        CONSTRAINT live_sessions_pkey PRIMARY KEY (tenant_id, id){end}""",
    """CREATE TABLE live_calls (
        tenant_id TEXT NOT NULL, id TEXT NOT NULL, row TEXT NOT NULL,
        CONSTRAINT live_calls_pkey PRIMARY KEY (tenant_id, id){end}""",
    """CREATE TABLE cdrs (
        call_id TEXT NOT NULL, tenant_id TEXT NOT NULL, direction TEXT NOT NULL, customer_number TEXT NOT NULL,
        customer_name TEXT NOT NULL, our_number TEXT NOT NULL, queue_id TEXT, campaign_id TEXT, agent_id TEXT,
        session_id TEXT, started_at {number} NOT NULL, answered_at {number}, ended_at {number} NOT NULL,
        duration_ms {number} NOT NULL, wait_ms {number} NOT NULL, ring_ms {number} NOT NULL, talk_ms {number} NOT NULL,
        hold_ms {number} NOT NULL, cause TEXT NOT NULL, hung_up_by TEXT NOT NULL, disposition TEXT, notes TEXT NOT NULL,
        wrapped_up {number} NOT NULL,
        CONSTRAINT cdrs_pkey PRIMARY KEY (tenant_id, call_id){end}""",
    "CREATE INDEX cdrs_ended ON cdrs (tenant_id, ended_at, call_id)",
    "CREATE INDEX cdrs_agent ON cdrs (tenant_id, agent_id, ended_at, call_id)",
    "CREATE INDEX cdrs_number ON cdrs (tenant_id, customer_number, ended_at, call_id)",
)

STATEMENTS: Final = (*_ADMINISTRATION, *_FLOOR)
