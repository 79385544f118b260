"""Which clauses of the procedures nothing implements: whatever cites a clause counts, a report too."""

from __future__ import annotations

from collections.abc import Callable

from server.access.user import User
from server.site import Site

ADMIN = User.administrator()


def test_a_clause_that_only_a_report_cites_is_implemented(shipped_site: Site, publish: Callable[..., int]) -> None:
    shipped_site.documents.save(ADMIN, "Procedure", {"code": "S99", "title": "统计程序"})
    for clause in ("S99-01", "S99-02"):
        shipped_site.documents.save(ADMIN, "Clause", {"code": clause, "text": "须统计", "document": "S99"})
    publish(shipped_site, {
        "doctype": "Report", "name": "counted", "ref_doctype": "Customer", "source": ["S99-01"], "columns": ["name"],
    })  # fmt: skip

    found = [item.text.en for item in shipped_site.rule_analysis.findings() if item.kind == "clause_without_implementation"]

    assert [text for text in found if "S99" in text] == [
        "No rule, workflow, record type, print format or report implements the clause S99-02."
    ]
