"""The charts of an Excel file: one for each kind, over numbers that the file holds."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal

import pytest
import xlsxwriter

from server.reporting.model import CHART_TYPES
from server.reporting.plots import Plot
from server.reporting.units import unit_text
from server.reporting.workbook_charts import add_chart

DRAWN = {
    "bar": "c:barChart",
    "line": "c:lineChart",
    "pie": "c:doughnutChart",
    "pareto": "c:lineChart",
    "gauge": "c:doughnutChart",
}


@pytest.mark.parametrize("kind", CHART_TYPES)
def test_every_kind_of_chart_is_in_the_file(kind: str) -> None:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("Report")
    series = (("", (Decimal(92),)),) if kind == "gauge" else (("late", (Decimal(3), None)), ("good", (Decimal(7), Decimal(2))))
    labels = () if kind == "gauge" else ("Jan 2026", "Feb 2026")

    add_chart(book, sheet, (0, 3), Plot(kind, labels, series, target=Decimal(95), unit="%"), "Deliveries", "Chart")  # type: ignore[arg-type]
    book.close()

    files = zipfile.ZipFile(made)
    if kind == "heatmap":
        assert "colorScale" in files.read("xl/worksheets/sheet2.xml").decode()
    else:
        assert DRAWN[kind] in files.read("xl/charts/chart1.xml").decode()


@pytest.mark.parametrize(
    ("key", "unit", "zh", "en"),
    [
        ("2025-11", "month", "2025 年 11 月", "Nov 2025"),
        ("2026-Q1", "quarter", "2026 年第 1 季度", "Q1 2026"),
        ("2026", "year", "2026 年", "2026"),
        ("2026-03-02", "week", "2026-03-02 起一周", "week of 2026-03-02"),
    ],
)
def test_spans_read_as_people_say_them(key: str, unit: str, zh: str, en: str) -> None:
    text = unit_text(key, unit)  # type: ignore[arg-type]

    assert (text.zh, text.en) == (zh, en)
