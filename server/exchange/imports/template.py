"""The template of a record type: a workbook to fill in and import, its heads in the reader's language.

Required columns are marked, choices and links offer what there is as drop-downs, texts are formatted as text so that leading zeros stay.
A second sheet explains every column and shows an example; it is not what is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import IO, Any

import xlsxwriter

from ...core.text import Language, Text
from ...metadata.fieldtypes.numbers import YES_NO
from ...metadata.model import DocType
from ...reporting.cells import number_format, sheet_name
from .columns import NAME, Target

FORMATTED_ROWS = 5_000
MOST_OFFERED = 50  # links with more records to choose from offer none: a drop-down of thousands helps nobody
REQUIRED_MARK = " *"
Offers = Callable[[str], Sequence[str]]  # DocType -> the titles or names that a drop-down offers; empty for none

GUIDE = Text("填写说明", "How to fill in")
GUIDE_HEADS = (Text("列", "Column"), Text("必填", "Required"), Text("填什么", "What to fill in"), Text("示例", "Example"))
KINDS = {
    "Date": (Text("日期", "a day"), "2026-03-31"), "Datetime": (Text("日期和时间", "a day and time"), "2026-03-31 14:30"),
    "Time": (Text("时间", "a time"), "14:30"), "Int": (Text("整数", "a whole number"), "12"), "Long Int": (Text("整数", "a whole number"), "12"),
    "Float": (Text("数字", "a number"), "1.5"), "Currency": (Text("金额", "an amount"), "1234.50"),
    "Percent": (Text("百分数，12.5 表示 12.5 %", "percent; 12.5 means 12.5 %"), "12.5"), "Duration": (Text("秒数", "seconds"), "3600"),
    "Rating": (Text("星数", "a number of stars"), "4"),
}  # fmt: skip


def write_template(target: IO[bytes], doctype: DocType, offered: Sequence[Target], language: Language, offers: Offers) -> None:
    """Write the workbook into `target`. The name is a column only where people give it."""
    columns = [one for one in offered if one.key != NAME or doctype.asks_name]
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(sheet_name(doctype.label.to(language)))
    guide = book.add_worksheet(sheet_name(GUIDE.to(language)))
    lists = book.add_worksheet("_")
    lists.hide()
    choices = _Choices(lists, language, offers)
    usual = book.add_format({"bold": True, "bg_color": "#eef2f6", "bottom": 1, "text_wrap": True, "valign": "top"})
    needed = book.add_format({"bold": True, "bg_color": "#fdeaea", "bottom": 1, "text_wrap": True, "valign": "top"})
    child = book.add_format({"bold": True, "bg_color": "#eaf5ee", "bottom": 1, "text_wrap": True, "valign": "top"})
    for place, one in enumerate(columns):
        label = one.full_label.to(language) + (REQUIRED_MARK if one.is_required else "")
        shape = needed if one.is_required else child if one.table is not None else usual
        sheet.write_string(0, place, label, shape)
        form = number_format(one.item) if one.item is not None else ""
        width = max(12, min(40, 3 + sum(2 if ord(letter) > 0x2E7F else 1 for letter in label)))
        sheet.set_column(place, place, width, book.add_format({"num_format": form or "@"}))
        choices.offer(sheet, place, one)
    sheet.freeze_panes(1, 0)
    _write_guide(book, guide, columns, language, choices)
    book.close()


class _Choices:
    """Drop-downs, whose words stand in a hidden sheet: Excel takes 255 characters in a list of its own."""

    def __init__(self, lists: Any, language: Language, offers: Offers) -> None:
        self._lists = lists
        self._language = language
        self._offers = offers
        self._known: dict[str, list[str]] = {}
        self._places: dict[str, str] = {}

    def words(self, target: Target) -> list[str]:
        item = target.item
        if item is None:
            return []
        if target.key not in self._known:
            if item.fieldtype == "Check":
                words = [text.to(self._language) for text in YES_NO]
            elif item.fieldtype == "Link":
                words = list(self._offers(item.options or ""))
            elif item.fieldtype == "Select":
                words = [label.to(self._language) for _, label in item.type.choices(item)]
            else:
                words = []
            self._known[target.key] = words
        return self._known[target.key]

    def offer(self, sheet: Any, place: int, target: Target) -> None:
        words = self.words(target)
        if not words:
            return
        column = len(self._places)
        for row, word in enumerate(words):
            self._lists.write_string(row, column, word)
        self._places[target.key] = target.key
        source = f"=_!${_letters(column)}$1:${_letters(column)}${len(words)}"
        is_free = (
            target.item is not None and target.item.fieldtype == "Link"
        )  # a link may also be typed: by name, or one made meanwhile
        said = {"validate": "list", "source": source, "error_type": "information" if is_free else "stop"}
        sheet.data_validation(1, place, FORMATTED_ROWS, place, said)


def _write_guide(book: Any, guide: Any, columns: Sequence[Target], language: Language, choices: _Choices) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#eef2f6", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for place, head in enumerate(GUIDE_HEADS):
        guide.write_string(0, place, head.to(language), bold)
    for row, target in enumerate(columns, start=1):
        words = choices.words(target)
        what, example = _explained(target, words)
        guide.write_string(row, 0, target.full_label.to(language), wrapped)
        guide.write_string(row, 1, YES_NO[0].to(language) if target.is_required else "", wrapped)
        guide.write_string(row, 2, what.to(language), wrapped)
        guide.write_string(row, 3, example, wrapped)
    notes = (
        Text(
            "请在第一张表中填写，一行一条；带“表：列”的列是明细，一条记录有多行明细时，其后各行只填明细列。",
            "Fill in the first sheet, one record a row; columns with a table before them are child rows: further rows of a record fill in those alone.",
        ),
        Text("公式不会被运行，读取的是它已算出的值。", "Formulas are never run; the values that they have are read."),
    )
    for number, note in enumerate(notes):
        guide.write_string(len(columns) + 2 + number, 0, note.to(language))
    guide.set_column(0, 0, 28)
    guide.set_column(2, 2, 60)
    guide.set_column(3, 3, 24)


def _explained(target: Target, words: Sequence[str]) -> tuple[Text, str]:
    item = target.item
    if item is None:
        return Text("编号，不能重复", "the name; none twice"), ""
    note = item.description
    if item.fieldtype == "Link":
        kind = Text(f"{target.label.zh}的编号或名称", f"the name or title of a record ({target.label.en})")
        return _joined(kind, note), words[0] if words else ""
    if words:
        few, more = words[:30], " …" if len(words) > 30 else ""
        return _joined(Text(f"其中之一：{'、'.join(few)}{more}", f"one of: {', '.join(few)}{more}"), note), words[0]
    kind, example = KINDS.get(item.fieldtype, (Text("文字", "text"), ""))
    return _joined(kind, note), str(item.default or example)


def _joined(kind: Text, note: Text) -> Text:
    return Text(f"{kind.zh}；{note.zh}", f"{kind.en}; {note.en}") if note else kind


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
