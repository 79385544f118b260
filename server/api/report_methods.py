"""`frappe.desk.query_report.run`: a report's columns and rows, for Frappe's clients."""

from __future__ import annotations

from typing import Any

from .. import web
from ..documents.reports import MOST_ROWS_OF_A_FILE
from .arguments import Arguments, refuse
from .methods import method
from .records_json import value_json


@method("frappe.desk.query_report.run")
def run(arguments: Arguments) -> dict[str, Any]:
    """The report `report_name` under `filters`, an object of paths and values; without them under its own. `light` is how its
    indicator stands, `unseen` which columns the reader may not see."""
    site, user, language = web.services(), web.current_user(), web.language()
    given = arguments.structure("filters")
    if given is not None and not isinstance(given, dict):
        raise refuse("filters", '应为对象，如 {"customer": "C-1"}。', 'expected an object, e.g. {"customer": "C-1"}.')
    asked = {str(path): str(value) for path, value in given.items() if value is not None} if given else None
    answer = site.reports.run(user, arguments.required("report_name"), asked, limit=MOST_ROWS_OF_A_FILE)
    columns = [
        {
            "fieldname": item.key,
            "label": item.label.to(language),
            "fieldtype": item.item.fieldtype,
            "options": item.item.options,
        }
        for item in answer.columns
    ]
    keys = [item.key for item in answer.columns]
    rows = [{key: value_json(row.get(key), site.zone) for key in keys} for row in answer.rows]
    totals = {key: value_json(answer.totals.get(key), site.zone) for key in keys} if answer.totals is not None else None
    return {
        "columns": columns,
        "result": rows,
        "totals": totals,
        "light": answer.light if answer.report.indicator else None,
        "unseen": [text.to(language) for text in answer.unseen],
        "is_cut": answer.is_cut,
    }
