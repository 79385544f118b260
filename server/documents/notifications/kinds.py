"""What notifications are about. People choose their channels by it, administrators write templates for it."""

from __future__ import annotations

from collections.abc import Mapping

from ...core.text import Text

KINDS: Mapping[str, Text] = {
    "approval": Text("审批", "Approvals"),
    "assignment": Text("待办", "To-dos"),
    "due": Text("到期与超期", "Due and late"),
    "mention": Text("提及我", "Mentions of me"),
    "share": Text("共享", "Shares"),
    "follow": Text("关注的单据", "Records I follow"),
    "rule": Text("规则通知", "Messages of rules"),
}
