"""Data imports through the service: what a file of staff becomes, what is said of its faults, going on, undoing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imports_warehouse import PART, csv, faults, imported, warehouse, xlsx
from needs import DATABASES, own_database
from sqlalchemy import text

from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import NotFound, PermissionRefused, StorageUnavailable, TooLarge, ValidationFailed
from server.core.text import Text
from server.documents.batch import Batch
from server.exchange.imports import csv_text, sheet_reader, work
from server.exchange.packs import Source
from server.site import Site
from server.storage import audit

HEADS = ("图号", "名称", "供应商", "单价", "重量（kg）", "损耗率", "入库日期", "类别")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    clock = SettableClock(datetime.fromisoformat("2026-06-15T01:00:00+00:00"))
    with warehouse(tmp_path_factory.mktemp("warehouse"), clock) as site:
        yield site


@pytest.fixture
def lin(site: Site) -> User:
    return site.user("lin")


@pytest.fixture
def bao(site: Site) -> User:
    return site.user("bao")


def by_code(site: Site, code: str) -> dict[str, Any] | None:
    rows = site.queries.list(User.administrator(), "Part", fields=["name"], filters=[("code", "=", code)]).rows
    return site.documents.load(User.administrator(), "Part", rows[0]["name"]) if rows else None


def count(site: Site) -> int:
    return site.queries.count(User.administrator(), "Part", cap=100_000).value


def test_a_workbook_as_people_write_it_is_understood(site: Site, lin: User) -> None:
    file = xlsx(
        ["备件台账"],
        HEADS,
        ["A-1", "轴承", "西安轴承厂", "￥１，２００．５０元", "3.5 kg", 0.125, datetime(2026, 3, 5), "自制"],
        [],
        ["A-2", "垫圈", "S-2", "1.2万", 0.1 + 0.2, "12.5%", "2026年3月5日", "Made"],
        ["A-3", "螺栓", None, 3, None, None, 46086, None],
        formats={(2, 5): "0.0%", (2, 6): "yyyy-mm-dd"},
    )

    found = imported(site, lin, file)

    assert (found.state, found.tally["created"], found.options.header) == ("done", 3, 2)
    one, two, three = by_code(site, "A-1"), by_code(site, "A-2"), by_code(site, "A-3")
    assert one
    assert two
    assert three
    assert (one["supplier"], one["price"], one["weight"], one["share"]) == (
        "S-1",
        Decimal("1200.50"),
        Decimal("3.500"),
        Decimal("12.50"),
    )
    assert (one["stocked_on"], one["kind"]) == (date(2026, 3, 5), "Made")
    assert (two["supplier"], two["price"], two["weight"], two["share"]) == (
        "S-2",
        Decimal("12000.00"),
        Decimal("0.300"),
        Decimal("12.50"),
    )
    assert (two["stocked_on"], three["stocked_on"], three["kind"]) == (date(2026, 3, 5), date(2026, 3, 5), "Bought")
    history = site.queries.history(lin, "Part", one["name"])
    assert history[0].reason == Text(f"数据导入 {found.id} 第 3 行", f"data import {found.id}, row 3")
    assert history[0].by == "lin"


def test_every_fault_is_told_at_its_cell_and_nothing_is_saved(site: Site, lin: User) -> None:
    before = count(site)
    file = xlsx(
        HEADS,
        ["B-1", None, "同名公司", "5 台", "3.5 lb", None, "03/04/2026", "租用"],
        ["B-2", "甲", "没有这家", "一百", None, None, 7, None],
        ["B-2", "乙", None, 20_000, None, None, None, None],
        ["B-3", "好的", None, 1, None, None, None, None],
    )

    found = imported(site, lin, file, task="check")

    assert (found.state, found.tally["good"], found.tally["faulty"]) == ("checked", 1, 3)
    assert count(site) == before
    told = {(row, head): (value, text) for row, head, value, text in faults(site, lin, found)}
    assert told[2, "供应商"][1] == "供应商：有 2 条记录都叫“同名公司”，请改填编号：S-3, S-4。"
    assert told[2, "单价"] == ("5 台", "单价：“5 台”数字后有“台”，请只填数字。")
    assert "月和日分不清" in told[2, "入库日期"][1]
    assert "外购、自制" in told[2, "类别"][1]
    assert (2, "重量（kg）") in told
    assert told[3, "入库日期"][1] == "入库日期：数字 7 不是日期，应如 2026-03-31。"
    assert told[4, "图号"][1] == "图号：“B-2”在第 3 行已出现，同一文件中不能重复。"


def test_rules_and_the_save_path_speak_at_the_cell_too(site: Site, lin: User) -> None:
    found = imported(
        site, lin, xlsx(HEADS, ["C-1", "贵的", None, 20_000], ["C-2", None, None, -1], ["C-3", "丙", "S-9", 1]), task="check"
    )

    told = {(row, head): text for row, head, _, text in faults(site, lin, found)}
    assert told == {
        (2, "供应商"): "单价超过 10,000，须填供应商。",
        (3, "单价"): "单价：不能为负数。",
        (4, "供应商"): "供应商：没有编号为“S-9”的供应商，请从列表中选择。",
    }


def test_a_character_that_nobody_sees_is_told_at_its_cell(site: Site, lin: User) -> None:
    """No database looks for a NUL: neither for the record that a link names nor for the one that is to be changed."""
    linked = imported(site, lin, xlsx(HEADS, ["U-1", "甲", "S\x001"], ["U-2", "乙", "S-1"]), task="check")
    named = imported(site, lin, xlsx(["编号", "名称"], ["P-\x001", "甲"]), task="check", mode="update", key="name")

    assert [(found.state, found.tally["faulty"]) for found in (linked, named)] == [("checked", 1)] * 2
    told = [faults(site, lin, found)[0] for found in (linked, named)]
    assert [(row, head) for row, head, _, _ in told] == [(2, "供应商"), (2, "编号")]
    assert all("空字符" in text for _, _, _, text in told)


def test_formulas_never_run_and_errors_are_named(site: Site, lin: User) -> None:
    made = io.BytesIO()
    import xlsxwriter

    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADS)
    sheet.write_row(1, 0, ["D-1", "有结果"])
    sheet.write_formula(1, 3, "=1+1", None, 2)
    sheet.write_row(2, 0, ["D-2", "没结果"])
    sheet.write_formula(2, 3, "=1+1", None, "")
    sheet.write_row(3, 0, ["D-3", "出错"])
    sheet.write_formula(3, 3, "=1/0", None, "#DIV/0!")
    sheet.write_string(4, 0, "D-4")
    sheet.write_string(4, 1, "=HYPERLINK(1)")
    book.close()

    found = imported(site, lin, io.BytesIO(made.getvalue()), all_or_nothing=False)

    assert (found.state, found.tally["created"], found.tally["refused"]) == ("done", 2, 2)
    assert by_code(site, "D-1")["price"] == 2  # type: ignore[index]
    assert by_code(site, "D-4")["title"] == "=HYPERLINK(1)"  # type: ignore[index]
    told = {row: text for row, _, _, text in faults(site, lin, found)}
    assert "公式" in told[3]
    assert "#DIV/0!" in told[4]


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("gbk", ","), ("gb18030", "\t"), ("utf-16", "\t")]
)  # fmt: skip
def test_text_files_are_read_whatever_excel_wrote(site: Site, lin: User, encoding: str, delimiter: str) -> None:
    code = f"E-{encoding}"
    lines = [["图号", "名称", "单价"], [code, "弹簧垫圈", '"1,234.50"'], ["", "", ""]]
    found = imported(site, lin, csv("\r\n".join(delimiter.join(line) for line in lines), encoding), "备件.csv")

    assert found.state == "done"
    assert by_code(site, code)["title"] == "弹簧垫圈"  # type: ignore[index]
    assert by_code(site, code)["price"] == Decimal("1234.50")  # type: ignore[index]
    assert found.options.delimiter == delimiter


@pytest.mark.parametrize("name", ["备件.xls", "备件.et"])
def test_old_excel_and_wps_files_are_read_merged_cells_too(site: Site, lin: User, name: str) -> None:
    content = (Path(__file__).parents[1] / "files" / "parts.xls").read_bytes()

    found = imported(site, lin, io.BytesIO(content), name, task="check")

    assert (found.tally["good"], found.options.columns) == (3, ("code", "title", "price", "stocked_on"))
    understood = [entry.values for entry in site.imports.preview(lin, found, 5)]
    assert understood[0] == {"code": "OLD-1", "title": "老式轴承", "price": Decimal("12.50"), "stocked_on": date(2026, 3, 5)}
    assert [values["title"] for values in understood[1:]] == ["同名垫圈", "同名垫圈"]


@given(
    st.lists(st.lists(st.text(st.characters(codec="gb18030", exclude_categories=("Cc", "Cs")), max_size=6), min_size=3, max_size=3), min_size=2, max_size=8),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from([",", ";", "\t"]),
)  # fmt: skip
def test_what_a_spreadsheet_writes_as_text_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], encoding: str, delimiter: str
) -> None:
    import csv as writing

    path = tmp_path_factory.getbasetemp() / "any.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writing.writer(file, delimiter=delimiter, quoting=writing.QUOTE_ALL).writerows([["图号", "名称", "单价"], *rows])

    found = csv_text.encoding_of(path)
    read = [cells for _, cells in csv_text.csv_rows(path, found, delimiter)]

    if any(ord(letter) > 127 for row in rows for cell in row for letter in cell) or encoding != "gb18030":
        assert read[0] == ["图号", "名称", "单价"]
    wanted = [[cell if cell.strip() else None for cell in row] for row in rows if any(cell.strip() for cell in row)]
    guarded = [
        [cell[1:] if cell and len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@＝＋－＠" else cell for cell in row]
        for row in wanted
    ]
    assert read[1:] == guarded


def test_child_rows_follow_their_record_also_where_cells_are_merged(site: Site, lin: User) -> None:
    file = xlsx(
        ["图号", "名称", "用于：机型", "数量"],
        ["F-1", "轴", "X1", 2],
        [None, None, "X2", 3],
        [None, None, "X1", 1],
        [None, None, "X3", "4"],
        merged=[(3, 0, 4, 0, "F-2"), (3, 1, 4, 1, "套")],
    )

    found = imported(site, lin, file)

    assert (found.state, found.tally["created"]) == ("done", 2)
    assert [(row["machine"], row["qty"]) for row in by_code(site, "F-1")["uses"]] == [("X1", 2), ("X2", 3)]  # type: ignore[index]
    assert [(row["machine"], row["qty"]) for row in by_code(site, "F-2")["uses"]] == [("X1", 1), ("X3", 4)]  # type: ignore[index]
    bad = imported(
        site, lin, xlsx(["图号", "名称", "用于：机型", "数量"], ["F-9", "轴", "X1", 2], [None, None, None, "多"]), task="check"
    )
    assert [(row, head) for row, head, _, _ in faults(site, lin, bad)] == [(3, "数量")]


def test_records_are_changed_by_key_and_empty_cells_say_nothing(site: Site, lin: User) -> None:
    imported(site, lin, xlsx(HEADS, ["G-1", "旧名", "S-1", 5], ["G-2", "不变", None, 6]))
    file = xlsx(
        ["图号", "名称", "供应商", "单价"], ["G-1", "新名", None, 7], ["G-2", "不变", None, 6], ["G-3", "没有", None, 1]
    )

    found = imported(site, lin, file, mode="update", key="code", all_or_nothing=False)

    assert {key: found.tally[key] for key in ("created", "changed", "unchanged", "refused")} == {
        "created": 0, "changed": 1, "unchanged": 1, "refused": 1,
    }  # fmt: skip
    assert "没有您可查看的备件“G-3”" in faults(site, lin, found)[0][3]
    one = by_code(site, "G-1")
    assert one
    assert (one["title"], one["supplier"], one["price"]) == ("新名", "S-1", 7)

    again = imported(site, lin, xlsx(["图号", "名称"], ["G-1", "更新"], ["G-3", "新的"]), mode="both", key="code")
    assert (again.tally["created"], again.tally["changed"]) == (1, 1)


@pytest.mark.parametrize(
    ("child_rows", "warned", "left"),
    [
        ("replace", (1, 2), [("X9", 7)]),
        ("add", (0, 0), [("X1", 1), ("X2", 2), ("X3", 3), ("X9", 7)]),
        ("keep", (0, 0), [("X1", 1), ("X2", 2), ("X3", 3)]),
    ],
)
def test_a_check_tells_which_child_rows_would_go_and_leaves_the_choice(
    site: Site, lin: User, child_rows: str, warned: tuple[int, int], left: list[tuple[str, int]]
) -> None:
    heads, code = ["图号", "名称", "用于：机型", "用于：数量"], f"CR-{child_rows}"
    rows = [[code, "原名", "X1", 1], [None, None, "X2", 2], [None, None, "X3", 3], [f"{code}-2", "别的", "Y1", 1]]
    imported(site, lin, xlsx(heads, *rows))
    file = xlsx(heads, [code, "改名", "X9", 7], [f"{code}-2", "改名", "Y2", 1], [None, None, "Y3", 1])
    options = {"mode": "update", "key": "code", "child_rows": child_rows}

    found = imported(site, lin, file, task="check", **options)
    assert (found.tally["losing"], found.tally["lost"]) == warned

    site.imports.start(lin, found.id, "run")
    site.imports.run_next(found.id)
    one = by_code(site, code)
    assert one
    assert (one["title"], [(row["machine"], row["qty"]) for row in one["uses"]]) == ("改名", left)
    site.imports.start(lin, found.id, "undo")
    site.imports.run_next(found.id)
    one = by_code(site, code)
    assert one
    assert [(row["machine"], row["qty"]) for row in one["uses"]] == [("X1", 1), ("X2", 2), ("X3", 3)]


def test_a_fault_of_an_added_row_stands_at_its_cell(site: Site, lin: User) -> None:
    heads = ["图号", "名称", "用于：机型", "用于：数量"]
    imported(site, lin, xlsx(heads, ["CF-1", "原名", "X1", 1]))
    file = xlsx(heads, ["CF-1", "原名", "X2", 1], [None, None, None, 5])

    found = imported(site, lin, file, task="check", mode="update", key="code", child_rows="add")

    assert [(row, head) for row, head, _, _ in faults(site, lin, found)] == [(3, "用于：机型")]


def test_all_or_nothing_saves_nothing_for_one_fault_and_skipping_saves_the_rest(site: Site, lin: User) -> None:
    rows = [[f"H-{number}", "件" if number != 7 else None] for number in range(10)]
    before = count(site)

    whole = imported(site, lin, xlsx(["图号", "名称"], *rows))
    assert (whole.state, count(site)) == ("refused", before)
    assert [row for row, *_ in faults(site, lin, whole)] == [9]

    some = imported(site, lin, xlsx(["图号", "名称"], *rows), all_or_nothing=False)
    assert (some.state, some.tally["created"], count(site)) == ("done", 9, before + 9)


def test_a_large_file_of_all_or_nothing_is_checked_first_and_undone_if_a_fault_comes_up_later(
    site: Site, lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "ATOMIC_MOST", 5)
    monkeypatch.setattr(work, "PORTION", 4)
    rows, before, saved = [[f"M-{number}", "件"] for number in range(12)], count(site), Batch.save
    faulty = imported(site, lin, xlsx(["图号", "名称"], *rows, ["M-99", None]))
    assert (faulty.state, count(site)) == ("refused", before)

    def refuses(self: Batch, doctype: str, values: Any, **more: Any) -> Any:
        if values["code"] == "M-9" and work.book.get(self.connection, found).tally.get("created"):
            self.is_spoilt = self.is_hopeful
            raise ValidationFailed(Text("有人刚用了。", "Somebody has just used it."))
        return saved(self, doctype, values, **more)

    found = site.imports.create(lin, "Part", xlsx(["图号", "名称"], *rows), "件.xlsx")
    site.imports.start(lin, found, "run")
    monkeypatch.setattr(Batch, "save", refuses)
    site.imports.run_next(found)

    ended = site.imports.get(lin, found)
    assert (ended.state, ended.tally["refused"], ended.tally["undone"], count(site)) == ("undone", 1, 11, before)


def test_an_undo_for_a_fault_that_was_killed_goes_on_undoing(site: Site, lin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "ATOMIC_MOST", 5)
    monkeypatch.setattr(work, "PORTION", 4)
    before, saved, undone = count(site), Batch.save, work.undo_row
    number = site.imports.create(lin, "Part", xlsx(["图号", "名称"], *[[f"Q-{n}", "件"] for n in range(12)]), "件.xlsx")
    site.imports.start(lin, number, "run")

    def refuses(self: Batch, doctype: str, values: Any, **more: Any) -> Any:
        if values["code"] == "Q-5" and work.book.get(self.connection, number).tally.get("created"):
            self.is_spoilt = self.is_hopeful
            raise ValidationFailed(Text("有人刚用了。", "Somebody has just used it."))
        return saved(self, doctype, values, **more)

    def dies(*given: Any) -> Any:
        raise SystemExit

    monkeypatch.setattr(Batch, "save", refuses)
    monkeypatch.setattr(work, "undo_row", dies)
    with pytest.raises(SystemExit):
        site.imports.run_next(number)
    monkeypatch.setattr(work, "undo_row", undone)
    site.clock.set(site.clock.now() + work.LEASE)  # type: ignore[attr-defined]
    site.imports.run_next(number)

    assert (site.imports.get(lin, number).state, count(site)) == ("undone", before)


def test_long_keys_find_their_records(site: Site, lin: User) -> None:
    rows = [[f"{'长' * 90}-{number}", "件"] for number in range(2)]
    imported(site, lin, xlsx(["图号", "名称"], *rows))

    found = imported(site, lin, xlsx(["图号", "名称"], *[[code, "改名"] for code, _ in rows]), mode="both", key="code")

    assert (found.state, found.tally.get("changed")) == ("done", 2)


def test_an_import_that_was_killed_goes_on_without_doubling_a_row(
    site: Site, lin: User, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "PORTION", 10)
    number = site.imports.create(lin, "Part", xlsx(["图号", "名称"], *[[f"I-{n}", "件"] for n in range(35)]), "件.xlsx")
    site.imports.set_options(lin, number, {"all_or_nothing": False})
    site.imports.start(lin, number, "run")
    before, saved = count(site), Batch.save

    def dies(self: Batch, doctype: str, values: Any, **more: Any) -> Any:
        if values["code"] == "I-25":
            raise SystemExit  # what a kill leaves behind: a lease that runs out, a transaction that was not committed
        return saved(self, doctype, values, **more)

    monkeypatch.setattr(Batch, "save", dies)
    with pytest.raises(SystemExit):
        site.imports.run_next(number)
    assert (site.imports.get(lin, number).state, count(site) - before) == ("running", 20)
    assert not site.imports.run_next(number)  # its lease lasts

    monkeypatch.setattr(Batch, "save", saved)
    site.clock.set(site.clock.now() + work.LEASE)  # type: ignore[attr-defined]
    assert site.imports.run_next(number)

    found = site.imports.get(lin, number)
    assert (found.state, found.tally["created"], count(site) - before) == ("done", 35, 35)


@pytest.mark.parametrize(
    ("task", "change", "said"),
    [
        ("run", {"roles": []}, "不再有角色 Buyer"),
        ("run", {"enabled": 0}, "已停用"),
        ("run", {"user_permissions": [{"allow": "Supplier", "for_value": "S-1"}]}, "用户权限改了"),
        ("undo", {"roles": []}, "不再有角色 Buyer"),
    ],
    ids=["role", "disabled", "user permission", "role, undoing"],
)
def test_who_loses_a_right_meanwhile_does_not_go_on(
    site: Site, bao: User, task: str, change: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "PORTION", 2)
    before = count(site)
    file = xlsx(["图号", "名称", "成本"], *[[f"R-{n}", "件", 5] for n in range(6)])
    number = site.imports.create(bao, "Part", file, "件.xlsx")
    site.imports.set_options(bao, number, {"all_or_nothing": False})
    if task == "undo":
        site.imports.start(bao, number, "run")
        site.imports.run_next(number)
    step = "_undo_one" if task == "undo" else "_patiently"
    original, steps = getattr(work.Work, step), []

    def changed_before_the_second(self: work.Work, *arguments: Any) -> Any:
        steps.append(arguments)
        if len(steps) == 2:
            site.documents.save(User.administrator(), "User", change, name="bao")
        return original(self, *arguments)

    monkeypatch.setattr(work.Work, step, changed_before_the_second)
    restored = {"roles": [{"role": "Buyer"}], "enabled": 1, "user_permissions": []}
    try:
        site.imports.start(bao, number, task)  # type: ignore[arg-type]
        site.imports.run_next(number)
        found = site.imports.get(bao, number)
        assert (found.state, count(site) - before) == ("failed", 2 if task == "run" else 5)
        assert found.error is not None
        assert said in found.error.zh
    finally:
        site.documents.save(User.administrator(), "User", restored, name="bao")

    site.imports.start(site.user("bao"), number, task)  # type: ignore[arg-type]
    site.imports.run_next(number)
    assert count(site) - before == (6 if task == "run" else 0)
    if task == "run":
        site.imports.start(site.user("bao"), number, "undo")
        site.imports.run_next(number)


def test_a_publication_that_takes_the_right_to_import_ends_it_at_the_next_portion(
    tmp_path: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "PORTION", 2)
    with warehouse(tmp_path, clock) as other:
        bao = other.user("bao")
        number = other.imports.create(bao, "Part", xlsx(["图号", "名称"], *[[f"R-{n}", "件"] for n in range(6)]), "件.xlsx")
        other.imports.set_options(bao, number, {"all_or_nothing": False})
        original, steps = work.Work._patiently, []
        withheld = {**PART, "permissions": [{**row, "import": 0} for row in PART["permissions"]]}

        def published_before_the_second(self: work.Work, *arguments: Any) -> Any:
            steps.append(arguments)
            if len(steps) == 2:
                other.publisher.publish(other.publisher.propose([Source("DocType", "Part", withheld)]), "Administrator")
            return original(self, *arguments)

        monkeypatch.setattr(work.Work, "_patiently", published_before_the_second)
        other.imports.start(bao, number, "run")
        other.imports.run_next(number)

        found = other.imports.get(bao, number)
        assert (found.state, count(other)) == ("failed", 2)
        assert found.error is not None
        assert "“包工”不再有导入备件的权限" in found.error.zh


def lose_the_connection(site: Site, user: User) -> None:
    """In the midst of a batch that gathers what it writes."""
    own, end = (
        ("CONNECTION_ID()", "KILL {}")
        if site.database.dialect == "mariadb"
        else ("pg_backend_pid()", "SELECT pg_terminate_backend({})")
    )
    with site.documents.batch(user, is_hopeful=True) as batch:
        batch.save("Part", {"code": "lost", "title": "件"})
        number = int(batch.connection.execute(text(f"SELECT {own}")).scalar_one())
        with site.database.statements() as another:
            another.execute(text(end.format(number)))
        batch.save("Part", {"code": "lost too", "title": "件"})
        batch.stored("Part", "P-0001")


@pytest.mark.parametrize("database", DATABASES)
def test_portions_leave_whole_histories_and_series_without_gaps(
    database: str, tmp_path: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "PORTION", 5)
    with own_database(database, tmp_path) as url, warehouse(tmp_path, clock, database_url=url) as other:
        lin = other.user("lin")
        rows = [[f"Z-{n}", "件" if n != 7 else None, "X1"] for n in range(12)]
        found = imported(other, lin, xlsx(["图号", "名称", "用于：机型"], *rows), all_or_nothing=False)
        assert (found.tally["created"], found.tally["refused"]) == (11, 1)
        again = imported(other, lin, xlsx(["图号", "名称"], *[[f"Z-{n}", "新"] for n in range(20)]), mode="both", key="code")
        assert (again.tally["created"], again.tally["changed"]) == (9, 11)
        one = other.documents.save(lin, "Part", {"code": "last", "title": "件"}).name

        assert one == "P-0021"
        with other.database.read() as connection:
            assert list(audit.verify(connection, other.snapshot().model)) == []
        assert [entry.action for entry in other.queries.history(lin, "Part", "P-0001")] == ["save", "create"]

        taken = xlsx(["图号", "名称", "用于：机型"], ["N-1", "件", "X1"], ["Z-3", "件", "X1"], ["N-2", "件", "X1"])
        found = imported(other, lin, taken, task="check", all_or_nothing=False)
        assert (found.tally["good"], found.tally["faulty"], faults(other, lin, found)[0][:2]) == (2, 1, (3, "图号"))
        taken.seek(0)
        found = imported(other, lin, taken, all_or_nothing=False)
        assert (found.tally["created"], found.tally["refused"], faults(other, lin, found)[0][:2]) == (2, 1, (3, "图号"))
        assert count(other) == 23

        # what waits to be written is refused while a rule that only warns asks the database
        heavy = [[code, "件", 1000] for code in ("W-1", "N-1", "W-2", "W-3")]
        found = imported(other, lin, xlsx(["图号", "名称", "重量（kg）"], *heavy), all_or_nothing=False)
        assert (found.state, found.tally["created"], found.tally["refused"], count(other)) == ("done", 3, 1, 26)
        with other.database.read() as connection:
            assert list(audit.verify(connection, other.snapshot().model)) == []

        if database != "sqlite":  # the same portion is tried again when the database comes back
            with pytest.raises(StorageUnavailable):
                lose_the_connection(other, lin)


def test_an_import_is_undone_where_nothing_changed_since(site: Site, lin: User) -> None:
    imported(site, lin, xlsx(HEADS, ["J-1", "原名", "S-1", 5], ["J-2", "原名", None, 5]))
    file = xlsx(
        ["图号", "名称", "用于：机型"],
        ["J-1", "改名", "X1"],
        ["J-2", "改名", None],
        ["J-3", "新的", None],
        ["J-4", "新的", None],
    )
    found = imported(site, lin, file, mode="both", key="code")
    touched = by_code(site, "J-3")
    assert touched
    site.documents.save(lin, "Part", {"title": "有人改过"}, name=touched["name"])

    site.imports.start(lin, found.id, "undo")
    site.imports.run_next(found.id)

    undone = site.imports.get(lin, found.id)
    assert (undone.state, undone.tally["undone"], undone.tally["kept"]) == ("undone", 3, 1)
    one = by_code(site, "J-1")
    assert one
    assert (one["title"], one["uses"]) == ("原名", [])
    assert site.queries.history(lin, "Part", one["name"])[0].reason == Text(
        f"撤销数据导入 {found.id}", f"data import {found.id} undone"
    )
    assert by_code(site, "J-4") is None
    assert "导入之后又被改过" in faults(site, lin, undone)[0][3]
    with pytest.raises(ValidationFailed):
        site.imports.start(lin, found.id, "undo")


def test_an_undo_leaves_what_was_renamed_and_says_so(site: Site, lin: User) -> None:
    found = imported(site, lin, xlsx(["代码", "名称"], ["S-90", "旧厂"]), doctype="Supplier")
    site.documents.rename(lin, "Supplier", "S-90", "S-91")

    site.imports.start(lin, found.id, "undo")
    site.imports.run_next(found.id)

    undone = site.imports.get(lin, found.id)
    assert (undone.tally["undone"], undone.tally["kept"]) == (0, 1)
    assert "改名为 S-91" in faults(site, lin, undone)[0][3]


def test_submitted_records_of_an_import_are_cancelled_by_its_undo(site: Site, bao: User) -> None:
    found = imported(site, bao, xlsx(["备件"], ["轴"], ["套"]), doctype="Part Receipt", submit=True)
    names = [row.name for row in site.imports.rows(bao, found.id, of_faults=False)]
    assert [site.documents.load(bao, "Part Receipt", str(name))["docstatus"] for name in names] == [1, 1]

    site.imports.start(bao, found.id, "undo")
    site.imports.run_next(found.id)

    assert [site.documents.load(bao, "Part Receipt", str(name))["docstatus"] for name in names] == [2, 2]


def test_nobody_imports_or_sees_what_their_roles_forbid(site: Site, lin: User, bao: User) -> None:
    with pytest.raises(PermissionRefused):
        site.imports.create(lin, "Part Receipt", xlsx(["备件"], ["轴"]), "a.xlsx")
    assert [item.name for item in site.imports.offered(lin)] == ["Part", "Supplier"]
    assert "cost" not in [target.key for target in site.imports.targets(lin, "Part")]
    assert "cost" in [target.key for target in site.imports.targets(bao, "Part")]

    number = site.imports.create(lin, "Part", xlsx(["图号", "名称", "成本"], ["K-1", "甲", 5]), "a.xlsx")
    assert site.imports.get(lin, number).options.columns == ("code", "title", "")
    with pytest.raises(ValidationFailed):
        site.imports.set_options(lin, number, {"columns": ["code", "title", "cost"]})
    with pytest.raises(NotFound):
        site.imports.get(bao, number)
    with pytest.raises(NotFound):
        site.imports.rows(bao, number)


def test_columns_are_proposed_by_what_earlier_imports_settled(site: Site, lin: User) -> None:
    number = site.imports.create(lin, "Part", xlsx(["物料编码", "Title", "uses.machine"], ["L-1", "甲", "X"]), "a.xlsx")
    assert site.imports.get(lin, number).options.columns == ("", "title", "uses.machine")
    site.imports.set_options(lin, number, {"columns": ["code", "title", ""]})
    site.imports.start(lin, number, "check")
    site.imports.run_next(number)

    other = site.imports.create(lin, "Part", xlsx(["名称", "物料编码"], ["甲", "L-2"]), "b.xlsx")

    assert site.imports.get(lin, other).options.columns == ("title", "code")


def test_a_column_headed_by_the_child_table_holds_what_names_its_rows(site: Site, lin: User) -> None:
    number = site.imports.create(lin, "Part", xlsx(["图号", "名称", "用于", "数量"], ["U-1", "甲", "X", 2]), "a.xlsx")

    assert site.imports.get(lin, number).options.columns == ("code", "title", "uses.machine", "uses.qty")


def test_files_that_cannot_be_read_are_refused_in_words(site: Site, lin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusal(file: io.BytesIO, name: str, kind: type[Exception] = ValidationFailed) -> str:
        with pytest.raises(kind) as caught:
            site.imports.create(lin, "Part", file, name)
        return caught.value.text.zh  # type: ignore[attr-defined,no-any-return]

    assert "可导入 .xlsx" in refusal(io.BytesIO(b"x"), "a.pdf")
    assert "无法读取" in refusal(io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 4000), "a.et")
    assert "编码无法识别" in refusal(io.BytesIO(b"a,b\n\xff\xfe\xff\xff\x80\x81,1"), "a.csv")
    assert "没有内容" in refusal(xlsx([]), "a.xlsx")
    assert "200,000" in refusal(csv("图号\n" + "x\n" * 200_001), "a.csv", TooLarge)


def far_cell() -> io.BytesIO:
    """A workbook of two cells that asks for a sheet of 17 thousand million."""
    import zipfile

    source = zipfile.ZipFile(xlsx(["图号"], ["x"]))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b'<row r="2"', b'<row r="1048576"').replace(b'r="A2"', b'r="XFD1048576"')
            target.writestr(item, content)
    return io.BytesIO(made.getvalue())


def test_bombs_are_refused_before_anything_is_laid_out(site: Site, lin: User) -> None:
    import zipfile

    with pytest.raises(TooLarge) as caught:
        site.imports.create(lin, "Part", far_cell(), "a.xlsx")
    assert "1,048,576 行" in caught.value.text.zh

    made = xlsx(["图号"], ["x"])
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/a.bin", "w") as stream:
        for _ in range(sheet_reader.MOST_UNPACKED_BYTES // (1 << 20) + 1):
            stream.write(bytes(1 << 20))
    made.seek(0)
    with pytest.raises(TooLarge) as caught:
        site.imports.create(lin, "Part", made, "a.xlsx")
    assert "解压后" in caught.value.text.zh
