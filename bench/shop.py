"""The record that is measured: 25 fields, 5 child rows, 5 rules, audit and trace; and a site that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from server.access.user import User
from server.exchange.packs import Source
from server.site import Site, open_site

FIELDS = 25
ROWS = 5
CLERK = User("clerk", "Clerk", frozenset(("All", "Clerk")))

LINE = {
    "name": "Bench Line", "istable": 1,
    "fields": [
        {"fieldname": "item", "fieldtype": "Data"}, {"fieldname": "qty", "fieldtype": "Float"}, {"fieldname": "rate", "fieldtype": "Currency"},
        {"fieldname": "amount", "fieldtype": "Currency", "formula": "qty * rate"},
    ],
}  # fmt: skip


PLACE = {
    "name": "Bench Place", "autoname": "prompt", "fields": [{"fieldname": "town", "fieldtype": "Data"}],
    "permissions": [{"role": "Clerk", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip
LINKS = [
    {"fieldname": "place", "fieldtype": "Link", "options": "Bench Place"},
    {"fieldname": "town", "fieldtype": "Data", "fetch_from": "place.town", "read_only": 1},
    {"fieldname": "second_place", "fieldtype": "Link", "options": "Bench Place"},
]


def ticket(fields: int = FIELDS, *, may_import: bool = False, has_links: bool = False) -> dict[str, Any]:
    plain = [
        {"fieldname": f"field_{n}", "fieldtype": ("Data", "Int", "Currency", "Date", "Small Text")[n % 5]}
        for n in range(fields - 4)
    ]
    return {
        "name": "Bench Ticket", "autoname": "BT-.#######", "title_field": "subject",
        "fields": [
            {"fieldname": "subject", "fieldtype": "Data", "in_list_view": 1, "reqd": 1},
            {"fieldname": "status", "fieldtype": "Select", "options": "Open\nClosed", "default": "Open", "in_list_view": 1, "in_standard_filter": 1},
            *plain, *(LINKS if has_links else ()), {"fieldname": "lines", "fieldtype": "Table", "options": "Bench Line"},
            {"fieldname": "total", "fieldtype": "Currency", "formula": "sum(lines.amount)", "in_list_view": 1},
        ],
        "permissions": [{"role": "Clerk", "read": 1, "write": 1, "create": 1, "print": 1, "import": int(may_import), "export": int(may_import)}],
    }  # fmt: skip


def rules(number: int) -> list[dict[str, Any]]:
    """Rules of which one in ten matches."""
    return [
        {
            "name": f"bench-{n}", "title": f"Bench {n}", "applies_to": "Bench Ticket", "on": ["validate"],
            "when": {"all": [["status", "=", "Open"], ["field_1", ">", 0], ["field_2", ">", n * 10 if n % 10 else -1]]},
            "then": [{"warn": {"message": f"rule {n}"}}],
        }
        for n in range(number)
    ]  # fmt: skip


def asking(number: int) -> list[dict[str, Any]]:
    """Rules that each ask other records a question of their own."""
    questions: list[dict[str, Any]] = [
        {"count": "Bench Ticket", "where": [["status", "=", {"path": "status"}], ["name", "=", {"path": "name"}]]},
        {"sum": "total", "of": "Bench Ticket", "where": [["name", "=", {"path": "name"}]]},
        {"exists": "Bench Ticket", "where": [["name", "=", {"path": "name"}], ["field_1", ">", 3]]},
        {"max": "field_1", "of": "Bench Ticket", "where": [["name", "=", {"path": "name"}]]},
        {"first": "field_3", "of": "Bench Ticket", "where": [["name", "=", {"path": "name"}]]},
    ]
    return [
        {
            "name": f"bench-asking-{n}", "title": f"Asking {n}", "applies_to": "Bench Ticket", "facts": {"n": questions[n % 5]},
            "when": {"all": [["status", "=", "Open"], ["@n", "is", "set"]]}, "then": [{"warn": {"message": f"asked {n}"}}],
        }
        for n in range(number)
    ]  # fmt: skip


def values(rows: int = ROWS) -> dict[str, Any]:
    samples = ("文字内容", 7, "5.50", "2026-03-31", "较长的说明文字,用于填写现场情况。")
    filled = {f"field_{n}": samples[n % 5] for n in range(FIELDS - 4)}
    lines = [{"item": f"零件 {n}", "qty": n + 1, "rate": "12.50"} for n in range(rows)]
    return {"subject": "主轴异响", "status": "Open", **filled, "lines": lines}


@contextmanager
def open_shop(
    number_of_rules: int = 5,
    fields: int = FIELDS,
    number_of_questions: int = 0,
    *,
    may_import: bool = False,
    has_links: bool = False,
) -> Iterator[Site]:
    with TemporaryDirectory() as folder:
        site = open_site(Path(folder), environ={}, embedded_worker=False, max_file_bytes=1 << 28)
        published = rules(number_of_rules - number_of_questions) + asking(number_of_questions)
        pieces = [
            ("DocType", LINE),
            ("DocType", PLACE),
            ("DocType", ticket(fields, may_import=may_import, has_links=has_links)),
            *(("Rule", rule) for rule in published),
        ]
        pack = [source for source in site.read_packs().sources if source.raw.get("module") == "core"]
        proposal = site.publisher.propose([*pack, *(Source(kind, str(raw["name"]), raw) for kind, raw in pieces)])
        site.publisher.publish(proposal, "bench")
        try:
            yield site
        finally:
            site.close()
