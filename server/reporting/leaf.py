"""A report on paper: title, filters in words, indicator, chart and table as parts for `printing.paper`. No HTML of a user's is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

from ..core.text import Language, Text
from ..printing.columns import text_width
from ..printing.format import Page
from ..printing.paper import Drawing
from .answer import Answer, PivotTable, Shown
from .charts import draw
from .plots import Plot

Say = Callable[[Shown, Any], str]
MOST_ROWS = 1_000
UPRIGHT, ACROSS, LARGE = Page(), Page(orientation="landscape"), Page("A3", "landscape")
_EM = 9.0  # points that a Chinese character takes, with its share of the padding
LIGHTS = {"green": "#1b7f4d", "amber": "#b26a00", "red": "#b3161b", "off": "#666666"}


def parts(
    answer: Answer,
    title: str,
    notes: Sequence[tuple[str, str]],
    indicator: tuple[str, str, str, str] | None,
    chart: Plot | None,
    table: PivotTable | None,
    say: Say,
    language: Language,
) -> tuple[Page, tuple[str | Drawing, ...]]:
    """The paper and what is on it. `indicator` is colour, value, word and target; `notes` are filters in words."""
    said = " ; ".join(f"{escape(name)}: {escape(value)}" for name, value in notes)
    found: list[str | Drawing] = [f'<h1>{escape(title)}</h1><div class="subtitle">{said}</div>']
    if indicator is not None:
        color, value, word, target = indicator
        found.append(
            f'<div class="center" style="margin: 0 0 6pt 0"><span style="color: {LIGHTS[color]}; font-size: 14pt">● <b>{escape(value)}</b>'
            f' {escape(word)}</span> <span class="muted">{escape(target)}</span></div>'
        )
    head, rows, foot = _pivot_rows(table, say, language) if table is not None else _rows(answer, say, language)
    page = _page(head, rows)
    if chart is not None:  # across there is less height: the table begins on the same page
        found.append(Drawing(draw(chart, title, language), 110 if page is not ACROSS else 72))
    found.append(_table(head, rows, foot))
    if not rows:
        found.append(
            f'<p class="center muted">{Text("这些条件下没有数据。", "There is nothing under these filters.").to(language)}</p>'
        )
    left = len(answer.rows) - MOST_ROWS
    if left > 0 or answer.is_cut:
        text = Text(
            "纸上只印前 {number} 行，全部见 Excel 文件。", "The first {number} rows are printed; the Excel file holds all."
        )
        found.append(f'<p class="muted">{text.format(number=MOST_ROWS).to(language)}</p>')
    return page, tuple(found)


Cells = Sequence[tuple[str, bool]]  # text, and whether it is a number


def _rows(answer: Answer, say: Say, language: Language) -> tuple[Cells, list[Cells], Cells]:
    head = [(column.label.to(language), _is_number(column)) for column in answer.columns]
    rows: list[Cells] = [
        [(say(column, row.get(column.key)), _is_number(column)) for column in answer.columns] for row in answer.rows[:MOST_ROWS]
    ]
    if answer.totals is None or not answer.report.has_totals:
        return head, rows, ()
    total = Text("合计", "Total").to(language)
    foot = [
        (say(column, answer.totals.get(column.key)), True) if column.is_measure else (total if place == 0 else "", False)
        for place, column in enumerate(answer.columns)
    ]
    return head, rows, foot


def _pivot_rows(table: PivotTable, say: Say, language: Language) -> tuple[Cells, list[Cells], Cells]:
    several = len(table.values) > 1
    head = [(key.label.to(language), False) for key in table.keys]
    for at in table.heads:
        for value in table.values:
            words = say(table.across, at)
            head.append((f"{words} {value.label.to(language)}" if several else words, True))
    rows: list[Cells] = []
    for row in table.rows[:MOST_ROWS]:
        cells = [(say(key, row[place]), False) for place, key in enumerate(table.keys)]
        cells += [(say(value, table.cells.get((row, at, value.key))), True) for at in table.heads for value in table.values]
        rows.append(cells)
    return head, rows, ()


def _is_number(column: Shown) -> bool:
    return column.is_measure or (column.item.type.kind in ("integer", "decimal") and column.item.fieldtype != "Check")


def _table(head: Cells, rows: Iterable[Cells], foot: Cells) -> str:
    if not head:
        return ""
    size = "" if len(head) <= 8 else " dense" if len(head) <= 14 else " tiny"
    columns = "".join(
        f'<th width="{share:.1f}%">{escape(text)}</th>' for (text, _), share in zip(head, _shares(head, rows), strict=True)
    )
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    last = f"<tr>{_cells(foot, 'strong')}</tr>" if foot else ""
    return f'<table class="grid{size}" repeat="1"><thead><tr>{columns}</tr></thead><tbody>{body}{last}</tbody></table>'


def _cells(row: Cells, extra: str = "") -> str:
    return "".join(f'<td class="{"right " if is_number else ""}{extra}">{escape(text)}</td>' for text, is_number in row)


def _widths(head: Cells, rows: Iterable[Cells]) -> list[float]:
    """How much room each column would like, in em; long texts are broken."""
    wanted = [min(max(text_width(text), 3.0), 12.0) for text, _ in head]
    for row in list(rows)[:100]:
        wanted = [max(width, min(text_width(text), 18.0)) for width, (text, _) in zip(wanted, row, strict=True)]
    return wanted


def _shares(head: Cells, rows: Iterable[Cells]) -> list[float]:
    wanted = _widths(head, rows)
    whole = sum(wanted) or 1.0
    return [width / whole * 100 for width in wanted]


def _page(head: Cells, rows: Sequence[Cells]) -> Page:
    """Upright where the columns fit, else across, else on A3."""
    needed = sum(width + 1 for width in _widths(head, rows)) * _EM
    if len(head) > 14 or needed > ACROSS.room_points * 1.3:
        return LARGE
    return UPRIGHT if needed <= UPRIGHT.room_points else ACROSS
