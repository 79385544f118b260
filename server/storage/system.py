"""The fixed tables of every site, prefix `gj_`: state, metadata, audit, obligations, outbox, sessions, files.

Tables of DocTypes are `tables`. `installation` makes what is missing of these at every start.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from .types import JsonText, MetadataText, UtcDatetime, id_type, text_type

SYSTEM = MetaData()


def _text(name: str, **options: Any) -> Column[Any]:
    return Column(name, text_type(), **options)


def _time(name: str, **options: Any) -> Column[Any]:
    return Column(name, UtcDatetime(), **options)


def _number(name: str, **options: Any) -> Column[Any]:
    return Column(name, BigInteger, **options)


def _json(name: str) -> Column[Any]:
    return Column(name, JsonText())


def _id() -> Column[Any]:
    return Column("id", id_type(), primary_key=True, autoincrement=True)


# The site and its metadata

site = Table("gj_site", SYSTEM, _text("key", primary_key=True), _json("value"))

metadata = Table(
    "gj_metadata", SYSTEM,
    _text("kind", primary_key=True), _text("name", primary_key=True), Column("body", MetadataText()), _text("origin"), _text("digest"),
    _time("published_at"), _text("published_by"), _text("pack"),
)  # fmt: skip

metadata_history = Table(
    "gj_metadata_history", SYSTEM,
    _id(), _text("kind"), _text("name"), Column("body", MetadataText()), _text("origin"), _text("digest"), _time("published_at"), _text("published_by"),
    _text("pack"), _text("reason"),
    Index("ix_gj_metadata_history", "kind", "name", "published_at"),
)  # fmt: skip

# Pieces that somebody works on in the browser and has not published: one of each piece and author. `based_on` is the digest of
# what was in force when it was begun; a piece that is new has a key of its own until it is published.
metadata_draft = Table(
    "gj_metadata_draft", SYSTEM,
    _text("kind", primary_key=True), _text("key", primary_key=True), _text("author", primary_key=True), Column("body", MetadataText()),
    _text("based_on"), _time("saved_at"),
)  # fmt: skip

pack = Table(
    "gj_pack", SYSTEM,
    _text("name", primary_key=True), _text("version"), _json("title"), _json("requires"), _text("place"), _time("added_at"),
    _text("added_by"), _time("upgraded_at"), _time("removed_at"),
)  # fmt: skip

# Translations in further languages: what is in force, and every change of it
translation = Table(
    "gj_translation", SYSTEM,
    _text("language", primary_key=True), _text("key", primary_key=True), _text("context"), _text("source"), _text("text"),
    _text("origin"), _text("by"), _time("at"),
)  # fmt: skip

translation_history = Table(
    "gj_translation_history", SYSTEM,
    _id(), _text("language"), _text("key"), _text("before"), _text("text"), _text("origin"), _text("by"), _time("at"),
    Index("ix_gj_translation_history", "language", "key", "at"),
)  # fmt: skip

plan = Table(
    "gj_plan", SYSTEM,
    _text("id", primary_key=True), _time("at"), _text("by"), _json("steps"), _text("state"), _number("version"), Column("pieces", MetadataText()),
    _json("parts"),
    Index("ix_gj_plan_version", "version"),
)  # fmt: skip

shape = Table("gj_shape", SYSTEM, _text("digest", primary_key=True), _text("doctype"), _json("body"))

gate = Table("gj_gate", SYSTEM, _number("id", primary_key=True))  # never holds a row: see `gate`

series = Table("gj_series", SYSTEM, _text("prefix", primary_key=True), _number("current", nullable=False))

# What happened to records

version = Table(
    "gj_version", SYSTEM,
    _id(), _text("doctype", nullable=False), _text("name", nullable=False), _number("seq", nullable=False), _number("version"),
    _text("action"), _text("by"), _time("at"), _text("changes"), _text("content_hash"), _text("reason"), _text("trace_id"),
    _text("prev_hash"), _text("hash", nullable=False),
    UniqueConstraint("doctype", "name", "seq", name="uq_gj_version"),
    Index("ix_gj_version_version", "doctype", "name", "version"),
    Index("ix_gj_version_at", "at"),
)  # fmt: skip

# `spoke` names the rules that matched, a line each, so that they are counted without reading the traces
trace = Table(
    "gj_trace", SYSTEM,
    _text("id", primary_key=True), _text("doctype"), _text("name"), _number("version"), _time("at"), _text("spoke"), _json("trace"),
    Index("ix_gj_trace_record", "doctype", "name", "version"),
    Index("ix_gj_trace_at", "at"),
)  # fmt: skip

# Every e-signature with what it binds; `link` is the entry of the record's history that says the same
signature = Table(
    "gj_signature", SYSTEM,
    _text("id", primary_key=True), _number("number", nullable=False), _text("doctype", nullable=False), _text("name", nullable=False),
    _number("seq"), _number("version"), _text("signer", nullable=False), _text("full_name"), _time("at"), _text("meaning"), _json("meaning_title"),
    _text("reason"), _text("method"), _text("content_hash"), _json("covers"), _json("leaves_out"), _text("obligation"), _text("link"), _text("prev_hash"),
    _text("hash", nullable=False), _text("seal", nullable=False),
    UniqueConstraint("number", name="uq_gj_signature"),
    Index("ix_gj_signature_record", "doctype", "name", "seq"),
    Index("ix_gj_signature_signer", "signer", "at"),
    Index("ix_gj_signature_obligation", "obligation"),
    Index("ix_gj_signature_at", "at"),
)  # fmt: skip

# What people say about a record beside its content, who wants to know what becomes of it, and the words put on it
comment = Table(
    "gj_comment", SYSTEM,
    _id(), _text("doctype"), _text("name"), _text("by"), _time("at"), _text("text"), _time("edited_at"),
    Index("ix_gj_comment_record", "doctype", "name", "at"),
)  # fmt: skip

follow = Table(
    "gj_follow", SYSTEM,
    _text("doctype", primary_key=True), _text("name", primary_key=True), _text("user", primary_key=True), _time("at"),
    Index("ix_gj_follow_user", "user"),
)  # fmt: skip

# `rule` is the rule that put the word there; empty for a person
tag_link = Table(
    "gj_tag_link", SYSTEM,
    _text("doctype", primary_key=True), _text("name", primary_key=True), _text("tag", primary_key=True), _text("by"), _text("rule"), _time("at"),
    Index("ix_gj_tag_link_tag", "doctype", "tag"),
)  # fmt: skip

# What is owed and told

obligation = Table(
    "gj_obligation", SYSTEM,
    _text("id", primary_key=True), _text("kind"), _text("rule"), _text("row_key"), _text("doctype"), _text("name"), _json("title"),
    _json("clauses"), _text("owed_by_role"), _text("owed_by_user"), _time("opened_at"), _text("opened_by"), _time("due_at"),
    _time("warn_at"), _time("warned_at"), _text("escalate_to"), _time("escalated_at"), _text("state"), _text("decision"),
    _text("decided_by"), _time("decided_at"), _text("comment"), _text("content_hash"), _json("content"), _number("allow_self"),
    _json("void_reason"), _text("met_by"), _json("signature"), _text("decided_for"), _json("terms"),
    _json("deadline"), _time("counted_from"), _text("in_calendar"), _number("is_estimated"), _time("paused_at"), _time("breached_at"),
    _number("elapsed_seconds"), _number("level"), _time("escalate_at"), _json("escalated_to"), _json("escalation_times"),
    Index("ix_gj_obligation_record", "doctype", "name", "rule"),
    Index("ix_gj_obligation_role", "owed_by_role", "state", "due_at"),
    Index("ix_gj_obligation_user", "owed_by_user", "state", "due_at"),
    Index("ix_gj_obligation_opened", "opened_by", "state", "due_at"),
    Index("ix_gj_obligation_escalated", "escalate_to", "state", "due_at"),
    Index("ix_gj_obligation_decided", "decided_by", "decided_at"),
    Index("ix_gj_obligation_due", "state", "due_at"),
    Index("ix_gj_obligation_warn", "state", "warn_at"),
    Index("ix_gj_obligation_met_by", "met_by"),
)  # fmt: skip

obligation_pause = Table(
    "gj_obligation_pause", SYSTEM,
    _id(), _text("obligation"), _time("started_at"), _time("ended_at"), _text("by"), _text("ended_by"), _text("reason"),
    Index("ix_gj_obligation_pause", "obligation", "started_at"),
)  # fmt: skip

workflow_run = Table(
    "gj_workflow_run", SYSTEM,
    _text("doctype", primary_key=True), _text("name", primary_key=True), _text("workflow"), _text("digest"), _text("state"),
    _number("round"), _text("came_from"), _text("sent_by"), _time("sent_at"), _json("added"), _json("approved"),
    _json("changed_by"),
)  # fmt: skip

timer = Table(
    "gj_timer", SYSTEM,
    _id(), _text("doctype"), _text("name"), _text("rule"), _number("place"), _time("fire_at"), _text("state"), _time("fired_at"),
    UniqueConstraint("doctype", "name", "rule", "place", name="uq_gj_timer"),
    Index("ix_gj_timer_due", "state", "fire_at"),
)  # fmt: skip

# Up to when the firings of a rule's schedule have been given timers
schedule = Table(
    "gj_schedule", SYSTEM,
    _text("rule", primary_key=True), _text("key", primary_key=True), _time("planned_to"),
)  # fmt: skip

# What rules made for a record: each once. `token` tells of two that want to make it who came first
made = Table(
    "gj_made", SYSTEM,
    _text("doctype", primary_key=True), _text("name", primary_key=True), _text("rule", primary_key=True), _text("key", primary_key=True),
    _text("made_doctype"), _text("made_name"), _text("on_cancel"), _text("token"), _time("at"),
    Index("ix_gj_made_record", "made_doctype", "made_name"),
)  # fmt: skip

# What a record last made of a field of another by a rule, and what had stood there; the later of two has the higher id
changed = Table(
    "gj_changed", SYSTEM,
    _id(), _text("doctype"), _text("name"), _text("changed_doctype"), _text("changed_name"), _text("field"),
    _text("value"), _text("before"), _text("rule"), _number("take_back"), _time("at"),
    Index("ix_gj_changed_by", "doctype", "name"),
    Index("ix_gj_changed_record", "changed_doctype", "changed_name"),
)  # fmt: skip

# Rules that could not be judged; `key` keeps one entry a day of the same failure on the same record
rule_incident = Table(
    "gj_rule_incident", SYSTEM,
    _text("key", primary_key=True), _time("at"), _text("rule"), _number("number"), _text("doctype"), _text("name"), _text("event"),
    _json("reason"), _text("by"), _number("refused"), _time("settled_at"), _text("settled_by"),
    Index("ix_gj_rule_incident_at", "at"),
    Index("ix_gj_rule_incident_open", "settled_at", "at"),
)  # fmt: skip

notification = Table(
    "gj_notification", SYSTEM,
    _id(), _text("user"), _time("at"), _json("title"), _text("doctype"), _text("name"), _time("read_at"), _text("key"), _text("kind"),
    UniqueConstraint("user", "key", name="uq_gj_notification"),
    Index("ix_gj_notification_user", "user", "at"),
    Index("ix_gj_notification_unread", "user", "read_at"),
)  # fmt: skip

outbox = Table(
    "gj_outbox", SYSTEM,
    _id(), _text("kind"), _json("payload"), _text("key"), _time("created_at"), _text("state"), _number("attempts"), _time("due_at"),
    _text("leased_by"), _time("lease_until"), _time("done_at"), _text("error"),
    UniqueConstraint("key", name="uq_gj_outbox"),
    Index("ix_gj_outbox_due", "state", "due_at"),
)  # fmt: skip

# What leaves the product: one row a message, which is queue and log at once
message = Table(
    "gj_message", SYSTEM,
    _id(), _text("key"), _text("channel"), _text("target"), _text("stream"), _text("bundle"), _text("kind"), _text("user"), _text("address"),
    _text("doctype"), _text("name"), _json("payload"), _time("created_at"), _text("state"), _number("attempts"), _time("due_at"),
    _text("leased_by"), _time("lease_until"), _time("done_at"), _json("error"), _text("request"), _text("answer"),
    UniqueConstraint("key", name="uq_gj_message"),
    Index("ix_gj_message_due", "channel", "state", "due_at"),
    Index("ix_gj_message_stream", "stream", "state"),
    Index("ix_gj_message_bundle", "bundle"),
    Index("ix_gj_message_record", "doctype", "name"),
    Index("ix_gj_message_target", "target", "state"),
)  # fmt: skip

notification_settings = Table(
    "gj_notification_settings", SYSTEM,
    _text("user", primary_key=True), _json("body"), _time("at"),
)  # fmt: skip

# Files and access

file = Table(
    "gj_file", SYSTEM,
    _text("id", primary_key=True), _text("sha256"), _number("size"), _text("filename"), _text("mimetype"), _text("owner"), _time("at"),
    _text("doctype"), _text("name"), _text("fieldname"), _text("marked_from"),
    Index("ix_gj_file_marked_from", "marked_from"), Index("ix_gj_file_record", "doctype", "name"),
    Index("ix_gj_file_content", "sha256"),
)  # fmt: skip

seen = Table(
    "gj_seen", SYSTEM,
    _text("doctype", primary_key=True), _text("name", primary_key=True), _text("user", primary_key=True), _number("version"),
)  # fmt: skip
tour = Table("gj_tour", SYSTEM, _text("user", primary_key=True), _text("tour", primary_key=True), _time("at"))
share = Table(
    "gj_share", SYSTEM,
    _text("doctype", primary_key=True), _text("name", primary_key=True), _text("user", primary_key=True),
    _number("may_write"), _number("may_share"), _text("by"), _time("at"),
    Index("ix_gj_share_user", "user"),
)  # fmt: skip

# Saved views of lists, and what each person chose for a list
list_view = Table(
    "gj_list_view", SYSTEM,
    _text("id", primary_key=True), _text("doctype", nullable=False), _text("title"), _text("owner"), _text("audience"), _text("role"), _text("query"),
    _time("at"),
    Index("ix_gj_list_view_doctype", "doctype"),
)  # fmt: skip
list_settings = Table(
    "gj_list_settings", SYSTEM,
    _text("user", primary_key=True), _text("doctype", primary_key=True), _text("default_view"), _json("widths"),
)  # fmt: skip

# By which initials a record with a Chinese title is found
initials = Table(
    "gj_initials", SYSTEM,
    _text("doctype", primary_key=True), _text("name", primary_key=True), _text("initials", primary_key=True),
    Index("ix_gj_initials_typed", "doctype", "initials", "name"),
)  # fmt: skip
# By which records are sorted by their title (`core.pinyin.sort_key`)
sort_key = Table(
    "gj_sort_key", SYSTEM,
    _text("doctype", primary_key=True), _text("name", primary_key=True), _text("key", nullable=False),
    Index("ix_gj_sort_key_order", "doctype", "key", "name"),
)  # fmt: skip

session = Table(
    "gj_session", SYSTEM,
    _text("token_hash", primary_key=True), _text("user"), _time("created_at"), _time("seen_at"), _time("expires_at"), _time("revoked_at"),
    _text("csrf"), _text("address"), _text("agent"), _text("language"), _time("signed_at"), _text("must"),
    Index("ix_gj_session_user", "user"),
    Index("ix_gj_session_expires", "expires_at"),
)  # fmt: skip

api_key = Table(
    "gj_api_key", SYSTEM,
    _text("key", primary_key=True), _text("secret_hash"), _text("user"), _text("title"), _time("created_at"), _time("used_at"),
    _time("revoked_at"),
    Index("ix_gj_api_key_user", "user"),
)  # fmt: skip

credential = Table(
    "gj_credential", SYSTEM,
    _text("user", primary_key=True), _text("password_hash"), _time("changed_at"), _number("must_change"),
)  # fmt: skip

login_attempt = Table(
    "gj_login_attempt", SYSTEM,
    _id(), _text("login"), _text("address"), _time("at"), _number("ok"),
    Index("ix_gj_login_attempt_login", "login", "at"),
    Index("ix_gj_login_attempt_address", "address", "at"),
)  # fmt: skip

idempotency = Table(
    "gj_idempotency", SYSTEM,
    _text("key", primary_key=True), _text("digest"), _text("doctype"), _text("name"), _time("at"),
    Index("ix_gj_idempotency_at", "at"),
)  # fmt: skip

# The second factor of a user: the secret of their authenticator, sealed; codes for when it is lost
second_factor = Table(
    "gj_second_factor", SYSTEM,
    _text("user", primary_key=True), _text("secret"), _time("created_at"), _time("confirmed_at"), _number("last_step"),
)  # fmt: skip

recovery_code = Table(
    "gj_recovery_code", SYSTEM,
    _text("user", primary_key=True), _text("code_hash", primary_key=True), _time("created_at"), _time("used_at"),
)  # fmt: skip

# Simulations that people asked for, and the cases that they can look at
simulation = Table(
    "gj_simulation", SYSTEM,
    _text("id", primary_key=True), _text("by"), _time("at"), _text("state"), _text("rule"), _text("doctype"), _json("draft"), _text("first"),
    _text("last"), _json("tally"), _json("error"), _text("leased_by"), _time("lease_until"),
    Index("ix_gj_simulation_by", "by", "at"),
    Index("ix_gj_simulation_state", "state", "at"),
)  # fmt: skip

simulation_case = Table(
    "gj_simulation_case", SYSTEM,
    _text("simulation", primary_key=True), _number("number", primary_key=True), _text("verdict"), _json("body"),
)  # fmt: skip

# Data imports: what somebody wants done with a file, and what became of its rows. `before` holds the values that a change replaced
data_import = Table(
    "gj_data_import", SYSTEM,
    _text("id", primary_key=True), _text("by"), _time("at"), _text("doctype"), _text("filename"), _text("sha256"), _text("state"), _text("task"),
    _json("options"), _json("tally"), _json("error"), _text("asked_by"), _time("started_at"), _time("ended_at"), _text("leased_by"), _time("lease_until"),
    Index("ix_gj_data_import_by", "by", "at"),
    Index("ix_gj_data_import_state", "state", "at"),
    Index("ix_gj_data_import_doctype", "doctype", "at"),
)  # fmt: skip

data_import_row = Table(
    "gj_data_import_row", SYSTEM,
    _text("data_import", primary_key=True), _number("number", primary_key=True), _number("last"), _text("state"), _text("name"), _number("version"),
    _json("before"), _json("faults"),
    Index("ix_gj_data_import_row_state", "data_import", "state", "number"),
)  # fmt: skip

# Prints of many records, made in the background: `done` records lie printed beside the site's files, `faults` say why which cannot be
print_run = Table(
    "gj_print_run", SYSTEM,
    _text("id", primary_key=True), _text("by"), _time("at"), _text("state"), _text("doctype"), _text("format"), _text("language"), _text("origin"),
    _json("names"), _number("done"), _json("faults"), _json("error"), _text("filename"), _number("attempts"), _text("leased_by"), _time("lease_until"),
    Index("ix_gj_print_run_by", "by", "at"),
    Index("ix_gj_print_run_state", "state", "at"),
)  # fmt: skip

# The tables of the audit: the database itself refuses UPDATE and DELETE there, whoever asks
APPEND_ONLY = (version, trace, signature)

# How many characters the texts of keys and indexes may have on MariaDB. DocTypes have 61 at most, names 140; the keys of
# notifications are made of several of them.
KEY_SIZE, LONG_KEY_SIZE = 190, 500


def _bound_keys(table: Table) -> None:
    unique = [item for item in table.constraints if isinstance(item, UniqueConstraint)]
    keys: list[Any] = [table.primary_key, *unique, *table.indexes]
    for column in {column for item in keys for column in item.columns}:
        if isinstance(column.type, Text):
            column.type = text_type(LONG_KEY_SIZE if column in (outbox.c.key, notification.c.key, message.c.key) else KEY_SIZE)


for _table in SYSTEM.tables.values():
    _bound_keys(_table)
