"""A list as a file."""

from __future__ import annotations

from flask import Response

from .. import web
from ..exchange.csv_list import csv_lines
from ..exchange.record_table import NAME_ITEM
from ..exchange.table_workbook import heads_of, write_table
from .arguments import Arguments, refuse
from .changes import doctype_of
from .methods import method


@method("frappe.desk.reportview.export_query")
def export_query(arguments: Arguments) -> Response:
    """Everything that `filters` find, as CSV or Excel (`file_format_type`), for who may export it."""
    site, user, language = web.services(), web.current_user(), web.language()
    doctype = doctype_of(arguments.required("doctype"))
    form = arguments.text("file_format_type", "CSV").upper()
    if form not in ("CSV", "EXCEL"):
        raise refuse("file_format_type", "应为 CSV 或 Excel。", "expected CSV or Excel.")
    filters = arguments.filters("filters", doctype.name)
    fields, rows = site.queries.export(user, doctype.name, filters=filters, order_by=arguments.bare("order_by") or None)
    if form == "EXCEL":
        heads = heads_of([NAME_ITEM, *fields])
        return web.xlsx_file(doctype.name, lambda file: write_table(file, doctype.name, heads, rows, language, site.zone))
    return web.csv_file(doctype.name, csv_lines(fields, rows, language, site.zone))
