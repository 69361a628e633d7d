"""The schema that queries are written against; migrations build it (``tests/conformance`` holds the two together).

Types are TEXT and whole numbers only (yes/no as 1/0, times in ms, lists and live rows as JSON text). Ids of one tenant's
things are only looked at together with the tenant's: keys are ``(tenant_id, id)``. A ``…_key`` column is the form in which
names and numbers are compared; it is made in Python, so that both databases agree on every alphabet.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

METADATA: Final = MetaData()


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


def _text_or_null(*names: str) -> list[Column[str]]:
    return [Column(name, Text) for name in names]


def _number_or_null(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger) for name in names]


def _partly(index: Index, where: ColumnElement[bool]) -> None:
    """Rows that ``where`` leaves out are not in the index."""
    for options in (index.dialect_options["sqlite"], index.dialect_options["postgresql"]):
        options["where"] = where


def _key(table: str, *columns: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint(*columns, name=f"{table}_pkey")


META: Final = Table("meta", METADATA, *_text("key", "value"), _key("meta", "key"))
COUNTERS: Final = Table("counters", METADATA, *_text("kind"), *_number("value"), _key("counters", "kind"))

# ── what administration sets up ───────────────────────────────────────────────────────────────────────────────────────
TENANTS: Final = Table(
    "tenants",
    METADATA,
    *_text("id", "name", "name_key", "region", "crm_origins", "breaks", "dispositions"),
    *_number("enabled"),
    *_text("time_zone"),
    _key("tenants", "id"),
    UniqueConstraint("name_key", name="tenants_name"),
)
API_TOKENS: Final = Table(
    "api_tokens",
    METADATA,
    *_text("tenant_id", "id", "name", "digest"),
    *_number("created_at"),
    *_number_or_null("revoked_at"),
    _key("api_tokens", "tenant_id", "id"),
    UniqueConstraint("digest", name="api_tokens_digest"),
)
AGENTS: Final = Table(
    "agents",
    METADATA,
    *_text("tenant_id", "id", "username", "username_key", "name", "password_hash"),
    *_number("enabled", "auto_answer"),
    *_text("skills"),
    _key("agents", "tenant_id", "id"),
    UniqueConstraint("tenant_id", "username_key", name="agents_username"),
)
EXTENSIONS: Final = Table(
    "extensions",
    METADATA,
    *_text("tenant_id", "id", "number", "name", "secret_digest"),
    _key("extensions", "tenant_id", "id"),
    UniqueConstraint("tenant_id", "number", name="extensions_number"),
)
QUEUES: Final = Table(
    "queues",
    METADATA,
    *_text("tenant_id", "id", "name", "name_key"),
    *_number("ring_s", "wrap_up_s", "max_wait_s"),
    *_text("strategy", "skills", "relaxation", "overflow", "colour", "script", "callback", "whisper"),
    *_number("priority", "sticky_s", "max_waiting", "service_level_s", "short_abandon_s", "ring_count"),
    _key("queues", "tenant_id", "id"),
    UniqueConstraint("tenant_id", "name_key", name="queues_name"),
)
QUEUE_AGENTS: Final = Table(
    "queue_agents",
    METADATA,
    *_text("tenant_id", "queue_id", "agent_id"),
    _key("queue_agents", "tenant_id", "queue_id", "agent_id"),
    Index("queue_agents_agent", "tenant_id", "agent_id"),
)
QUEUE_NUMBERS: Final = Table(
    "queue_numbers",
    METADATA,
    *_text("tenant_id", "queue_id"),
    *_number("position"),
    *_text("number", "number_key"),
    _key("queue_numbers", "tenant_id", "queue_id", "position"),
    UniqueConstraint("tenant_id", "number_key", name="queue_numbers_number"),
)
TRUNKS: Final = Table(
    "trunks",
    METADATA,
    *_text("tenant_id", "id", "name", "name_key", "host"),
    *_number("port"),
    *_text("username", "secret", "caller_id", "transport"),
    *_number("registers"),
    *_text("registrar", "realm"),
    *_number("expiry_s"),
    *_text("addresses"),
    *_number("registers_with_us"),
    *_text("account_digest"),
    _key("trunks", "tenant_id", "id"),
    UniqueConstraint("tenant_id", "name_key", name="trunks_name"),
)
CAMPAIGNS: Final = Table(
    "campaigns",
    METADATA,
    *_text("tenant_id", "id", "name", "name_key", "type", "trunk_id", "caller_id", "dial_rules", "plan"),
    *_number("ring_s", "wrap_up_s", "blend_queues"),
    _key("campaigns", "tenant_id", "id"),
    UniqueConstraint("tenant_id", "name_key", name="campaigns_name"),
    Index("campaigns_trunk", "tenant_id", "trunk_id"),
)
CAMPAIGN_AGENTS: Final = Table(
    "campaign_agents",
    METADATA,
    *_text("tenant_id", "campaign_id", "agent_id"),
    _key("campaign_agents", "tenant_id", "campaign_id", "agent_id"),
    Index("campaign_agents_agent", "tenant_id", "agent_id"),
)

RECEPTION: Final = Table(
    "reception",
    METADATA,
    *_text("tenant_id", "kind", "id", "unique_key", "body"),
    _key("reception", "tenant_id", "kind", "id"),
    UniqueConstraint("tenant_id", "kind", "unique_key", name="reception_key"),
)

# ── what the floor leaves behind: no foreign keys, for it outlives what administration removes ───────────────────────────
SESSIONS: Final = Table(
    "sessions",
    METADATA,
    *_text("tenant_id", "id", "agent_id", "login_type"),
    *_text_or_null("assignment_id", "extension_id"),
    *_text("handle_digest"),
    *_number("opened_at"),
    *_text_or_null("binding_digest", "bearer_digest"),
    *_number_or_null("bound_at", "ended_at"),
    *_text_or_null("end_cause"),
    _key("sessions", "tenant_id", "id"),
    UniqueConstraint("handle_digest", name="sessions_handle"),
    Index("sessions_bearer", "bearer_digest"),
)
Index(
    "sessions_open",
    SESSIONS.c.tenant_id,
    SESSIONS.c.agent_id,
    unique=True,
    sqlite_where=SESSIONS.c.ended_at.is_(None),
    postgresql_where=SESSIONS.c.ended_at.is_(None),
)
FACTS: Final = Table(
    "facts",
    METADATA,
    Column("seq", BigInteger, nullable=False),
    *_text("tenant_id", "kind"),
    *_number("mono", "wall"),
    *_text_or_null("session_id", "agent_id", "call_id"),
    *_text("detail"),
    _key("facts", "seq"),
    Index("facts_call", "tenant_id", "call_id", "seq"),
    Index("facts_tenant", "tenant_id", "seq"),
    Index("facts_time", "tenant_id", "wall", "seq"),
)
_partly(Index("facts_unavailable", FACTS.c.tenant_id, FACTS.c.wall), FACTS.c.kind == "call.unavailable")
FACT_MARKS: Final = Table("fact_marks", METADATA, *_text("tenant_id", "digest"), _key("fact_marks", "tenant_id"))
LIVE_SESSIONS: Final = Table(
    "live_sessions", METADATA, *_text("tenant_id", "id", "row"), _key("live_sessions", "tenant_id", "id")
)
LIVE_CALLS: Final = Table(
    "live_calls", METADATA, *_text("tenant_id", "id", "row"), _key("live_calls", "tenant_id", "id")
)
CDRS: Final = Table(
    "cdrs",
    METADATA,
    *_text("call_id", "tenant_id", "direction", "customer_number", "customer_name", "our_number"),
    *_text_or_null("queue_id", "campaign_id", "agent_id", "session_id"),
    *_number("started_at"),
    *_number_or_null("answered_at"),
    *_number("ended_at", "duration_ms", "wait_ms", "ring_ms", "talk_ms", "hold_ms"),
    *_text("cause", "hung_up_by"),
    *_text_or_null("disposition"),
    *_text("notes"),
    *_number("wrapped_up"),
    *_text_or_null("lead_id"),
    *_number("went_out"),
    *_text("sent_number"),
    _key("cdrs", "tenant_id", "call_id"),
    Index("cdrs_ended", "tenant_id", "ended_at", "call_id"),
    Index("cdrs_agent", "tenant_id", "agent_id", "ended_at", "call_id"),
    Index("cdrs_number", "tenant_id", "customer_number", "ended_at", "call_id"),
)
_partly(
    Index("cdrs_lead", CDRS.c.tenant_id, CDRS.c.lead_id, CDRS.c.ended_at, CDRS.c.call_id), CDRS.c.lead_id.is_not(None)
)

# ── leads ────────────────────────────────────────────────────────────────────────────────────────────────────────────
LEAD_LISTS: Final = Table(
    "lead_lists",
    METADATA,
    *_text("tenant_id", "id", "name", "name_key"),
    *_text_or_null("campaign_id"),
    *_number("weight"),
    *_text("ordering", "order_column"),
    *_number("enabled", "unranked"),
    *_text("scrub_token"),
    *_number("scrub_token_expires_at"),
    _key("lead_lists", "tenant_id", "id"),
    UniqueConstraint("tenant_id", "name_key", name="lead_lists_name"),
    Index("lead_lists_campaign", "tenant_id", "campaign_id"),
)
LEAD_CELLS: Final = Table(
    "lead_cells",
    METADATA,
    *_text("tenant_id"),
    *_number("id"),
    *_text("list_id", "zone_key", "import_id"),
    *_number("hidden"),
    _key("lead_cells", "tenant_id", "id"),
    UniqueConstraint("tenant_id", "list_id", "import_id", "zone_key", name="lead_cells_zone"),
)
LEAD_TALLIES: Final = Table(
    "lead_tallies",
    METADATA,
    *_text("tenant_id", "list_id", "standing"),
    *_number("leads"),
    _key("lead_tallies", "tenant_id", "list_id", "standing"),
)
LEADS: Final = Table(
    "leads",
    METADATA,
    Column("id", BigInteger, nullable=False),
    *_text("tenant_id", "list_id"),
    *_number("cell_id"),
    *_number_or_null("lane"),
    *_number("rank", "order_key"),
    *_text("name", "zone", "numbers", "fields", "state"),
    *_number("due_at", "attempts", "next_index"),
    *_text_or_null("callback_agent_id", "call_id", "last_outcome"),
    *_text("notes"),
    _key("leads", "id"),
    Index("leads_list", "tenant_id", "list_id", "id"),
)
_partly(Index("leads_next", LEADS.c.cell_id, LEADS.c.lane, LEADS.c.rank, LEADS.c.id), LEADS.c.lane.is_not(None))
_partly(
    Index("leads_personal", LEADS.c.tenant_id, LEADS.c.callback_agent_id, LEADS.c.due_at, LEADS.c.id),
    LEADS.c.callback_agent_id.is_not(None),
)
_partly(Index("leads_dialling", LEADS.c.tenant_id, LEADS.c.id), LEADS.c.state == "dialling")
LEAD_NUMBERS: Final = Table(
    "lead_numbers",
    METADATA,
    *_text("tenant_id", "number"),
    *_number("lead_id"),
    *_text("list_id"),
    _key("lead_numbers", "tenant_id", "number", "lead_id"),
)
LEAD_IMPORTS: Final = Table(
    "lead_imports",
    METADATA,
    *_text("tenant_id", "id", "list_id", "file_name", "state", "options", "found", "counts"),
    *_number("rows_done", "per_mille", "report_bytes"),
    *_number_or_null("first_lead"),
    *_text("message"),
    *_number("created_at"),
    *_number_or_null("ended_at"),
    _key("lead_imports", "tenant_id", "id"),
)
DNC_LISTS: Final = Table(
    "dnc_lists",
    METADATA,
    *_text("tenant_id", "id", "name", "name_key"),
    *_text_or_null("campaign_id"),
    *_number_or_null("scrubbed_at"),
    _key("dnc_lists", "tenant_id", "id"),
    UniqueConstraint("tenant_id", "name_key", name="dnc_lists_name"),
)
DNC_ENTRIES: Final = Table(
    "dnc_entries",
    METADATA,
    *_text("tenant_id", "number", "list_id"),
    *_number("added_at"),
    *_number_or_null("expires_at"),
    *_text("reason"),
    _key("dnc_entries", "tenant_id", "number", "list_id"),
    Index("dnc_entries_list", "tenant_id", "list_id", "number"),
)
VOICEMAILS: Final = Table(
    "voicemails",
    METADATA,
    *_text("tenant_id", "id", "queue_id", "number", "name"),
    *_number("recorded_at", "duration_ms"),
    _key("voicemails", "tenant_id", "id"),
    Index("voicemails_queue", "tenant_id", "queue_id", "recorded_at", "id"),
    Index("voicemails_newest", "tenant_id", "recorded_at", "id"),
)

LEDGER: Final = Table(
    "ledger",
    METADATA,
    *_text("tenant_id", "call_id", "campaign_id"),
    *_text_or_null("lead_id"),
    *_text("number"),
    *_number("answered_at"),
    *_number_or_null("greeting_end_at", "agent_at", "message_at", "left_at"),
    *_text("detected", "outcome", "profile"),
    _key("ledger", "tenant_id", "call_id"),
    Index("ledger_campaign", "tenant_id", "campaign_id", "answered_at"),
    Index("ledger_number", "tenant_id", "number", "answered_at"),
)
MACHINE_SAMPLES: Final = Table(
    "machine_samples",
    METADATA,
    *_text("tenant_id", "call_id", "campaign_id"),
    *_number("said_at", "was_person"),
    _key("machine_samples", "tenant_id", "call_id"),
    Index("machine_samples_campaign", "tenant_id", "campaign_id", "said_at"),
)
PACING_MEMORIES: Final = Table(
    "pacing_memories",
    METADATA,
    *_text("tenant_id", "campaign_id", "memory"),
    *_number("kept_at"),
    _key("pacing_memories", "tenant_id", "campaign_id"),
)


def doubled_column(constraint: str) -> tuple[str, str] | None:
    """Table and last column of the unique constraint, unique index or primary key with this name."""
    for table in METADATA.tables.values():
        keys = [one for one in table.constraints if isinstance(one, UniqueConstraint | PrimaryKeyConstraint)]
        for one in (*keys, *table.indexes):
            if one.name == constraint:
                return table.name, list(one.columns)[-1].name
    return None
