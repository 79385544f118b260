"""Obligations at the desk: filters of the inbox, a clock that is stopped with a reason, how they were kept, as a page and a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from desk_tool_crib import PASSWORD
from flask import Flask
from flask.testing import FlaskClient

from server.access.user import User
from server.exchange.packs import Source
from server.obligations.book import ObligationBook
from server.site import Site

RULE = {
    "name": "bring-back", "title": {"zh": "按时归还", "en": "Bring it back"}, "applies_to": "Tool Loan", "source": ["S17-06"],
    "then": [{"oblige": {"user_field": "owner", "title": {"zh": "归还 {name}", "en": "Bring back {name}"}, "due": "8 working hours"}}],
}  # fmt: skip


@pytest.fixture(scope="module")
def owing(site: Site) -> Site:
    """Loans are to be brought back within 8 working hours."""
    site.publisher.publish(site.publisher.propose([Source("Rule", "bring-back", RULE)]), "Administrator")
    return site


@pytest.fixture
def loan_clerk(owing: Site) -> User:
    """Somebody who owes nothing yet."""
    owing.documents.save(User.administrator(), "User", {"login": "zhou", "full_name": "周工", "enabled": 1})
    owing.accounts.set_password("zhou", PASSWORD)
    return owing.user("zhou")


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def test_what_is_owed_is_filtered_paused_and_counted(
    owing: Site, signed_in: FlaskClient, lends: Callable[..., str], li: User
) -> None:
    name = lends()
    with owing.database.read() as connection:
        [item] = ObligationBook(connection).of_record("Tool Loan", name)
    page = signed_in.get("/inbox").text
    assert item.id in page
    assert item.id in signed_in.get("/inbox?whose=me&kind=obligation&rule=bring-back").text
    for other in ("whose=role", "kind=approval", "late=1", "rule=another"):
        assert item.id not in signed_in.get(f"/inbox?{other}").text, other

    refused = signed_in.post(f"/owed/{item.id}", data={"csrf_token": token(page), "action": "pause", "reason": " "})
    assert refused.status_code == 417
    assert "须填写原因" in refused.text
    paused = signed_in.post(f"/owed/{item.id}", data={"csrf_token": token(page), "action": "pause", "reason": "等客户"})
    assert paused.status_code == 303
    assert "已暂停计时" in signed_in.get("/inbox").text
    signed_in.post(f"/owed/{item.id}", data={"csrf_token": token(page), "action": "resume"})
    assert "已暂停计时" not in signed_in.get("/inbox").text
    assert signed_in.post(f"/owed/{item.id}", data={"action": "pause", "reason": "no token"}).status_code in (400, 403)

    day = item.due_at.date() if item.due_at else None
    shown = signed_in.get(f"/owed/statistics?since={day}&until={day}").text
    assert "按时归还" in shown
    assert "李工" in shown
    assert f">归还 {name}</a>" in signed_in.get(f"/owed/calendar?month={day:%Y-%m}").text
    assert f">归还 {name}</a>" not in signed_in.get("/owed/calendar?month=2031-01").text
    assert signed_in.get("/owed/calendar?month=99-x").status_code == 200
    for span in ("since=0001-01-01", "until=0001-01-01", "since=9999-12-31&until=9999-12-31"):
        assert signed_in.get(f"/owed/statistics?{span}").status_code == 200, span
    file = signed_in.get(f"/owed/statistics?since={day}&until={day}&as=csv")
    assert file.mimetype == "text/csv"
    assert "按规则,按时归还,0,0,0,1,0,1," in file.text
    statistics = owing.owed_statistics
    stranger = User("nobody", "Nobody", roles=frozenset({"All"}))
    assert day is not None
    assert statistics.of(li, day, day).whole.total == 1
    assert statistics.of(li, day + timedelta(days=1), day + timedelta(days=9)).whole.total == 0
    readable = owing.snapshot().model["Tool Loan"].permissions
    assert statistics.of(stranger, day, day).whole.total == (1 if any(one.role == "All" for one in readable) else 0)

    end = datetime(2026, 8, 31, 16, tzinfo=UTC)  # of the last day of August, in Shanghai
    with owing.database.write() as connection:
        ObligationBook(connection).settle(item.id, due_at=end)
    assert "2026-08-31 24:00" in signed_in.get("/inbox").text
    for month in ("2026-08", "2026-09"):
        days = signed_in.get(f"/owed/calendar?month={month}").text.split('<time datetime="')
        assert [cell[:10] for cell in days if f">归还 {name}</a>" in cell] == ["2026-08-31"]
    months = [statistics.of(li, date(2026, month, 1), date(2026, month, 30) + timedelta(days=month == 8)) for month in (8, 9)]
    assert [[one.title.zh for one in month.by_month] for month in months] == [["2026-08"], []]


def test_several_are_handled_on_one_page_which_says_what_became_of_each(
    owing: Site, signed_in: FlaskClient, lends: Callable[..., str]
) -> None:
    names = [lends(), lends()]
    with owing.database.read() as connection:
        first, second = (ObligationBook(connection).of_record("Tool Loan", name)[0] for name in names)
    assert f'name="n" value="{first.id}"' in signed_in.get("/inbox").text
    page = signed_in.get(f"/owed/bulk?n={first.id}&n={second.id}&n=nothing").text
    assert re.findall(r'action=(\w+)"[^>]*>(\S+) <span class="count">(\d)', page) == [
        ("done", "标为完成", "2"),
        ("transfer", "转交", "2"),
        ("pause", "暂停计时", "2"),
    ]
    chosen = {"csrf_token": token(page), "n": [first.id, second.id]}
    assert "须填写理由" in signed_in.post("/owed/bulk", data=chosen | {"action": "pause"}).text
    assert signed_in.post("/owed/bulk", data=chosen | {"action": "steal"}).status_code == 400

    signed_in.post(f"/owed/{first.id}", data={"csrf_token": token(page), "action": "done", "back": "record"})
    answer = signed_in.post("/owed/bulk", data=chosen | {"action": "done"}).text
    assert "已完成 1 条，未完成 1 条。" in answer
    assert "已经处理，无须再办" in answer
    waived = signed_in.post(
        f"/owed/{second.id}", data={"csrf_token": token(page), "action": "waive", "reason": "x", "back": "record"}
    )
    assert (waived.status_code, "无须再办" in waived.text) == (417, True)


def test_one_thing_alone_asks_for_no_choice_and_no_filter(
    owing: Site, app: Flask, lends: Callable[..., str], loan_clerk: User
) -> None:
    def inbox() -> tuple[bool, bool]:
        visitor = app.test_client()
        visitor.set_cookie("sid", owing.accounts.sign_in("zhou", PASSWORD, "127.0.0.1", "tests")[0])
        page = visitor.get("/inbox").text
        return "owed-filters" in page, "data-choose-all" in page

    seen = [inbox()]
    for tool in ("卡尺", "塞规"):
        owing.documents.save(loan_clerk, "Tool Loan", {"tool": tool, "qty": 1})
        seen.append(inbox())

    assert seen == [(False, False), (False, False), (True, True)]


def test_a_pause_is_shown_on_the_record_with_who_and_how_long(
    owing: Site, signed_in: FlaskClient, lends: Callable[..., str], li: User
) -> None:
    name = lends()
    with owing.database.read() as connection:
        [item] = ObligationBook(connection).of_record("Tool Loan", name)
    owing.due.pause(li, item.id, "等客户")
    owing.clock.advance(minutes=150)  # type: ignore[attr-defined]
    owing.due.resume(li, item.id)
    page = signed_in.get(f"/form/Tool%20Loan/{name}").text
    assert re.search(r"2 小时 30 分钟[^<]*· 李工 · 等客户", re.sub(r"\s+", " ", page))


def test_the_home_page_shows_whom_one_waits_for(
    owing: Site, signed_in: FlaskClient, lends: Callable[..., str], li: User
) -> None:
    asked = {"name": "check-loan", "title": {"zh": "核对", "en": "Check"}, "applies_to": "Tool Loan", "source": ["S17-06"], "then": [
        {"oblige": {"role": "System Manager", "title": {"zh": "核对借用 {name}", "en": "Check loan {name}"}, "due": "8 working hours"}}
    ]}  # fmt: skip
    owing.publisher.publish(owing.publisher.propose([Source("Rule", "check-loan", asked)]), "Administrator")
    name = lends()

    home = signed_in.get("/").text
    waiting = home[home.index("等待他人") : home.index("最近处理")]

    assert f"核对借用 {name}" in waiting
    assert "等 System Manager" in waiting or "等 系统管理员" in waiting
    assert f"归还 {name}" not in waiting  # one's own task


def test_what_was_done_too_late_says_so(owing: Site, visitor: FlaskClient, lends: Callable[..., str], li: User) -> None:
    for minutes, said, unsaid in ((0, "已完成", "超期完成"), (1, "超期完成", "已完成")):
        name = lends()
        with owing.database.read() as connection:
            [item] = ObligationBook(connection).of_record("Tool Loan", name, "bring-back")
        assert item.due_at is not None
        owing.clock.set(item.due_at + timedelta(minutes=minutes))  # type: ignore[attr-defined]
        owing.owed.done(li, item.id)

        visitor.set_cookie("sid", owing.accounts.sign_in("li", PASSWORD, "127.0.0.1", "tests")[0])
        decisions = visitor.get(f"/form/Tool%20Loan/{name}").text.partition('class="plain decisions"')[2]
        assert (said in decisions, unsaid in decisions) == (True, False)
