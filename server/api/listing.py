"""Lists and groups: one question to the query service, answered as Frappe does."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from .. import web
from ..documents.ask import split_order
from .arguments import Aggregate, Arguments, aggregate_of, refuse
from .records_json import rows_json

Rows = list[dict[str, Any]]


def rows_of(doctype: str, arguments: Arguments) -> tuple[Rows, str | None]:
    """The rows that were asked for, and the cursor of the next page (send it back as `after`)."""
    wanted = arguments.fields()
    aggregates = [found for item in wanted if (found := aggregate_of(item)) is not None]
    if aggregates or arguments.bare("group_by"):
        plain = [item for item in wanted if aggregate_of(item) is None]
        return _groups(doctype, arguments, plain, aggregates), None
    site = web.services()
    page = site.queries.list(
        web.current_user(),
        doctype,
        fields=wanted,
        filters=arguments.filters("filters", doctype),
        or_filters=arguments.filters("or_filters", doctype),
        order_by=arguments.bare("order_by") or None,
        limit=arguments.page_size(),
        after=arguments.text("after") or None,
        offset=arguments.number("limit_start", 0),
    )
    return rows_json(page.rows, None if wanted == ["*"] else wanted, site.zone), page.next_cursor


def _groups(doctype: str, arguments: Arguments, plain: list[str], aggregates: list[Aggregate]) -> Rows:
    group_by = arguments.bare("group_by")
    if not group_by:
        raise refuse(
            "group_by",
            "使用聚合字段时必填；只要记录数请用 frappe.client.get_count。",
            "is required with aggregates; for a mere number of records use frappe.client.get_count.",
        )
    if others := [name for name in plain if name not in (group_by, "name")]:
        raise refuse(
            "fields",
            f"分组时不能再取字段 {others[0]}。",
            f"with group_by the field {others[0]} cannot be shown; only {group_by} can.",
        )
    if arguments.filters("or_filters", doctype):
        raise refuse("or_filters", "不能与 group_by 一起使用。", "cannot be used together with group_by.")
    site = web.services()
    rows = site.queries.group(
        web.current_user(),
        doctype,
        group_by=group_by,
        aggregates=[(item.function, item.fieldname, item.alias) for item in aggregates],
        filters=arguments.filters("filters", doctype),
    )
    start = arguments.number("limit_start", 0)
    return rows_json(_ordered(rows, arguments.bare("order_by"))[start : start + arguments.page_size()], None, site.zone)


def _ordered(rows: Rows, order_by: str) -> Rows:
    """Groups come ordered by their value; another order is by columns shown, empty ones last."""
    if not rows or not order_by:
        return rows
    ordered = rows
    for name, direction in reversed(split_order(order_by)):
        if name not in rows[0]:
            raise refuse(
                "order_by", f"分组只能按 {'、'.join(rows[0])} 排序。", f"groups can be ordered by {', '.join(rows[0])} only."
            )
        filled = [row for row in ordered if row[name] is not None]
        filled.sort(key=itemgetter(name), reverse=direction == "desc")
        ordered = [*filled, *(row for row in ordered if row[name] is None)]
    return ordered
