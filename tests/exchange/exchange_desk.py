"""A small shipped DocType, a site's edits of it, and packs as folders: what the tests of customisations and packs share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from server.exchange.customised import with_site_changes
from server.exchange.packs import Source
from server.site import Site

SHIPPED: dict[str, Any] = {
    "doctype": "DocType", "name": "Ticket", "label": {"zh": "报修单", "en": "Ticket"}, "autoname": "hash",
    "fields": [
        {"fieldname": "subject", "fieldtype": "Data", "reqd": 1},
        {"fieldname": "hours", "fieldtype": "Int"},
        {"fieldname": "note", "fieldtype": "Text"},
    ],
    "permissions": [{"role": "System Manager", "read": 1, "write": 1, "create": 1}, {"role": "Clerk", "read": 1}],
}  # fmt: skip
HALL = {"fieldname": "hall", "fieldtype": "Data", "label": {"zh": "车间", "en": "Hall"}}


def copy(raw: dict[str, Any], **more: Any) -> dict[str, Any]:
    return json.loads(json.dumps(raw)) | more


def with_field(raw: dict[str, Any], name: str, *, after: str = "", **values: Any) -> dict[str, Any]:
    """The piece with a field added after another one, or with properties of its field changed."""
    made = copy(raw)
    rows = {row["fieldname"]: row for row in made["fields"]}
    if name in rows:
        rows[name].update(values)
    else:
        made["fields"].insert(list(rows).index(after) + 1 if after else len(rows), {"fieldname": name, **values})
    return made


def without_field(raw: dict[str, Any], name: str) -> dict[str, Any]:
    return copy(raw) | {"fields": [row for row in raw["fields"] if row["fieldname"] != name]}


def ships(site: Site, *pieces: dict[str, Any], pack: str = "tickets") -> None:
    """A pack's next version is published as it is at every start: merged with what the site changed."""
    sources, _ = with_site_changes(site.publisher, [Source(kind(raw), raw["name"], raw, pack=pack) for raw in pieces])
    site.publisher.publish(site.publisher.propose(sources), "pack")


def edits(site: Site, raw: dict[str, Any], by: str = "li") -> None:
    """An administrator publishes a piece in the browser."""
    site.publisher.publish(site.publisher.propose([Source(kind(raw), raw["name"], raw)]), by, origin="site")


def stored(site: Site, name: str = "Ticket") -> dict[str, Any]:
    return next(source.raw for source in site.publisher.stored() if source.name == name)


def kind(raw: dict[str, Any]) -> str:
    if raw.get("doctype") in ("Workflow", "Report", "List View"):
        return str(raw["doctype"])
    return "Rule" if "applies_to" in raw else "Print Format" if "doc_type" in raw else "DocType"


def pack_folder(root: Path, name: str, *pieces: dict[str, Any], version: str = "1.0.0", **manifest: Any) -> Path:
    """A pack's folder, written anew."""
    for file in root.rglob("*.json"):
        file.unlink()
    for raw in pieces:
        if "records" in raw:
            file = root / "fixtures" / "records.json"
        else:
            file = root / {"Rule": "rules", "DocType": "doctypes"}[kind(raw)] / "m" / f"{raw['name'].lower()}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(raw), "utf-8")
    root.mkdir(parents=True, exist_ok=True)
    (root / "pack.json").write_text(json.dumps({"name": name, "version": version, **manifest}), "utf-8")
    return root
