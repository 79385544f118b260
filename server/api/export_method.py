"""A list as a file."""

from __future__ import annotations

from flask import Response

from .. import web
from ..exchange.csv_list import csv_lines
from .arguments import Arguments, refuse
from .changes import doctype_of
from .methods import method


@method("frappe.desk.reportview.export_query")
def export_query(arguments: Arguments) -> Response:
    """Everything that `filters` find, as CSV, for who may export it."""
    site, user = web.services(), web.current_user()
    doctype = doctype_of(arguments.required("doctype"))
    if arguments.text("file_format_type", "CSV").upper() != "CSV":
        raise refuse("file_format_type", "目前只有 CSV。", "only CSV is offered at present.")
    filters = arguments.filters("filters", doctype.name)
    fields, rows = site.queries.export(user, doctype.name, filters=filters, order_by=arguments.bare("order_by") or None)
    return web.csv_file(doctype.name, csv_lines(fields, rows, web.language(), site.zone))
