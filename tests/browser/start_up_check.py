"""A start-up check of the trial production (S01-13) that is concluded but for the countersigning."""

from __future__ import annotations

from server.site import Site

CHECKLIST = "Start-up Readiness Checklist"
DRAWING = {
    "kind": "Drawing",
    "document_number": "XG26-00",
    "document_title": "主轴单元总图",
    "revision": "A",
    "found_current": 1,
}


def concluded_check(site: Site) -> str:
    """What Song Tao (宋涛) reported of the assembly shop and Zhou Min (周敏) concluded; its number."""
    songtao, zhoumin = site.user("songtao"), site.user("zhoumin")
    given = {
        "project": "XG-26 高速主轴单元试制", "workshop": "装配车间", "scope_key_parts": 1, "checked_on": "2026-06-15", "documents": [DRAWING],
    }  # fmt: skip
    made = site.documents.save(songtao, CHECKLIST, given).record
    rows = [{"name": row["name"], "conforms": "Yes", "finding": "符合"} for row in made["conditions"]]
    site.documents.save(songtao, CHECKLIST, {"conditions": rows}, name=made["name"])
    return site.documents.save(zhoumin, CHECKLIST, {"conclusion": "Start"}, name=made["name"]).name
