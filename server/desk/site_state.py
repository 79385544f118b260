"""The administrator's own dashboard: how the site is, what failed, what was published, who uses it. It needs no right to any record
of the business, and refuses nothing."""

from __future__ import annotations

from dataclasses import dataclass

from ..access.user import User
from ..core.text import Text
from ..site import Site


@dataclass(frozen=True)
class StateCard:
    """One tile: a number or a state, what it means, and where more of it stands. `light` is a colour of the lamp, or nothing."""

    title: Text
    value: Text
    note: Text
    url: str
    light: str = ""


def site_state(site: Site, reader: User) -> list[StateCard]:
    """The tiles in their order, for somebody who administers the site."""
    troubles = [_undelivered(site), _rule_failures(site), _time_rules(site)]
    return [_health(troubles), *troubles, _publications(site), _people(site, reader)]


def _health(troubles: list[StateCard]) -> StateCard:
    wrong = sum(card.light == "red" for card in troubles)
    said = Text(f"{wrong} 项需处理", f"{wrong} to look at") if wrong else Text("正常", "In order")
    note = Text(
        "站点由后台任务送达消息、到期提醒和定时报表。", "Jobs deliver messages, reminders that are due and scheduled reports."
    )
    return StateCard(Text("站点状况", "State of the site"), said, note, "/admin/", "red" if wrong else "green")


def _undelivered(site: Site) -> StateCard:
    number = site.engine.dead_letters()
    return _trouble(
        Text("失败的任务", "Failed jobs"),
        number,
        Text("已不再重试，可在发件箱重发", "Given up; send them again from the outbox"),
        "/admin/outbox/",
    )


def _rule_failures(site: Site) -> StateCard:
    note = Text("规则无法判断的保存", "Saves that a rule could not judge")
    return _trouble(Text("规则故障", "Rule failures"), site.engine.open_incidents(), note, "/admin/incidents/")


def _time_rules(site: Site) -> StateCard:
    note = Text("到期规则执行失败", "Rules of a due time that failed")
    return _trouble(Text("未执行的到期规则", "Time rules not carried out"), len(site.engine.failed_timers()), note, "/admin/")


def _trouble(title: Text, number: int, note: Text, url: str) -> StateCard:
    return StateCard(title, Text.of(str(number)), note, url, "red" if number else "green")


def _publications(site: Site) -> StateCard:
    version = site.snapshot().version
    last = next(iter(site.publisher.publications(1)), None)
    note = Text("还没有发布过", "Nothing was published yet")
    if last is not None:
        at = last["at"].astimezone(site.zone).strftime("%Y-%m-%d %H:%M")
        note = Text(f"最近发布 {at} · {last['by']}", f"Last publication {at} · {last['by']}")
    return StateCard(Text("元数据版本", "Metadata version"), Text.of(str(version)), note, "/admin/plans/")


def _people(site: Site, reader: User) -> StateCard:
    number = site.queries.count(reader, "User", filters=[("enabled", "=", 1)]).value
    return StateCard(
        Text("启用的用户", "Active users"), Text.of(str(number)), Text("角色与权限", "Roles and rights"), "/admin/doc/User/"
    )
