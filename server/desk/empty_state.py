"""What a page says where nothing stands: what belongs here, why it is empty, and the one next step that its reader may take."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from ..access.permissions import Permissions
from ..access.user import User
from ..core.text import Text
from ..metadata.model import DocType, Model

MOST_ASKED = 3  # roles that are named to whoever may not enter anything


@dataclass(frozen=True)
class EmptyState:
    """`way` is the next step as (label, address); without one, `ask` says who can help."""

    why: Text
    belongs: Text | None = None
    way: tuple[Text, str] | None = None
    ask: Text | None = None
    also: tuple[Text, str] | None = None


def nothing_matches(clear: str, what: Text) -> EmptyState:
    """Filters or a search let nothing through."""
    return EmptyState(
        Text(f"没有符合条件的{what.zh}。", f"Nothing among {what.en} matches."),
        way=(Text("清除筛选", "Clear filters"), clear),
    )


def nothing_owed() -> EmptyState:
    """The inbox is done."""
    belongs = Text(
        "等您审批、签署或到期要办的事，以及同事分配给您的单据，会出现在这里。",
        "What waits for your approval or signature, is due, or is assigned to you comes here.",
    )
    return EmptyState(
        Text("没有待办，都处理完了。", "Nothing is waiting for you."),
        belongs,
        (Text("查看已办", "What you decided"), "/inbox?tab=done"),
    )


def nothing_decided() -> EmptyState:
    belongs = Text("您审批、签署或办结的事会留在这里。", "What you approved, signed or settled stays here.")
    return EmptyState(
        Text("还没有已办事项。", "You have not decided anything yet."), belongs, (Text("查看待办", "What is open"), "/inbox")
    )


def nothing_counted(doctype: DocType, clear: str | None) -> EmptyState:
    """A report without rows: under its filters (`clear` is the address without them), or because there is nothing to count."""
    label = doctype.label
    if clear:
        return EmptyState(
            Text("这些条件下没有数据。", "There is nothing under these filters."),
            way=(Text("清除筛选", "Clear filters"), clear),
        )
    why = Text(f"还没有数据：此报表统计{label.zh}。", f"There is nothing yet: this report counts {label.en}.")
    return EmptyState(why, way=(Text(f"打开{label.zh}", f"Open {label.en}"), f"/list/{quote(doctype.name, safe='')}"))


def no_reports() -> EmptyState:
    """Nobody shared a report with this reader."""
    return EmptyState(
        Text("没有可供您查看的报表。", "There is no report for you to see."),
        Text(
            "报表由有权的同事建立并共享，或由管理员发布。",
            "Colleagues with the right make and share them; administrators publish them.",
        ),
        ask=Text("需要时请联系您的部门负责人或管理员。", "Ask the head of your department or an administrator."),
    )


def no_dashboards() -> EmptyState:
    return EmptyState(
        Text("还没有仪表盘。", "There is no dashboard yet."),
        Text(
            "仪表盘把您常看的数字、图表和入口放在一页上。",
            "A dashboard holds the numbers, charts and ways that you often need.",
        ),
        (Text("新建仪表盘", "New dashboard"), "/dashboard/new"),
    )


def no_open_work(doctype: DocType) -> EmptyState:
    """Nothing of one kind is left to be done on the phone."""
    label = doctype.label
    return EmptyState(
        Text(f"没有您未完成的{label.zh}。", f"There is no open {label.en} of yours."),
        Text(
            "分给您、还没有完成的单据会出现在这里，无网络时也能办理。",
            "What is given to you and not done comes here, also without network.",
        ),
    )


def no_records(model: Model, user: User, doctype: DocType, titles: dict[str, str]) -> EmptyState:
    """There is no record, or none that this reader may see; `titles` are what roles are called."""
    permissions, label, place = Permissions(model), doctype.label, quote(doctype.name, safe="")
    why = Text(f"还没有{label.zh}。", f"There is no {label.en} yet.")
    if _sees_only_some(user, doctype):
        why = Text(
            f"没有您可以查看的{label.zh}：您只看得到自己的或分给您的。",
            f"There is no {label.en} that you may see: you see your own, or those given to you.",
        )
    belongs = doctype.description or None
    if permissions.may(user, "create", doctype.name):
        way = (Text(f"新建{label.zh}", f"New {label.en}"), f"/form/{place}/new")
        may_import = permissions.may(user, "import", doctype.name)
        return EmptyState(
            why,
            belongs,
            way,
            also=(Text("从 Excel 导入", "Import from Excel"), f"/data-import?doctype={place}") if may_import else None,
        )
    return EmptyState(why, belongs, ask=_who_enters(doctype, titles))


def entering_roles(doctype: DocType) -> list[str]:
    """The roles that may make new records of this kind."""
    return list(dict.fromkeys(item.role for item in doctype.permissions if item.create and not item.permlevel))


def _who_enters(doctype: DocType, titles: dict[str, str]) -> Text:
    entering = entering_roles(doctype)
    roles = [titles.get(role, role) for role in entering][:MOST_ASKED]
    more = len(entering) > MOST_ASKED
    if not roles:
        return Text("由系统从其他单据生成。", "They are made from other records.")
    return Text(
        f"由{'、'.join(roles)}{'等' if more else ''}登记；需要时请联系他们。",
        f"Entered by: {', '.join(roles)}{' and others' if more else ''}. Ask there if one is missing.",
    )


def _sees_only_some(user: User, doctype: DocType) -> bool:
    reading = [item for item in doctype.permissions if item.read and not item.permlevel and item.role in user.roles]
    return bool(user.only) or (bool(reading) and all(item.if_owner for item in reading))
