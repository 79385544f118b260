"""The tours: what is pointed at, and what is said of it. A step whose element a page does not show is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..core.text import Text


@dataclass(frozen=True)
class TourStep:
    """`at` is a selector of what is pointed at."""

    at: str
    title: Text
    text: Text


STAFF, FIRST_HOUR = "staff", "first-hour"
TOUR_TEXTS: Mapping[str, Text] = {
    "offer": Text("第一次使用？", "New here?"),
    "offer_text": Text("用一分钟看看各处是做什么的。", "Take a minute to see what is where."),
    "start": Text("开始导览", "Start the tour"),
    "decline": Text("不用了", "No, thank you"),
    "next": Text("下一步", "Next"),
    "back": Text("上一步", "Back"),
    "end": Text("完成", "Done"),
    "close": Text("结束导览", "End the tour"),
    "at": Text("第 {number} 步，共 {of} 步", "Step {number} of {of}"),
}

TOURS: Mapping[str, tuple[TourStep, ...]] = {
    STAFF: (
        TourStep("[data-tour-at=owed]", Text("您的待办", "What you owe"), Text("要您审批、签署、到期要办的事都在这里，注明依据的条款和期限。", "What waits for your decision, your signature or is due, with its clause and its time.")),
        TourStep("[data-owed]", Text("随时看待办", "From everywhere"), Text("每一页上方都有待办的数目。", "The number of what you owe stands at the top of every page.")),
        TourStep("[data-news]", Text("通知", "Notifications"), Text("与您有关的更改、评论和提醒；用什么通道通知，在账号菜单中选择。", "Changes, comments and reminders that concern you; choose the channels in the menu of your account.")),
        TourStep(".bar-search", Text("搜索与快速前往", "Search and go to"), Text("输入单号、客户或标题；按 Ctrl+K 可前往任何地方。", "Type a number, a customer or a title; Ctrl+K goes anywhere.")),
        TourStep(".side", Text("各类单据", "Records"), Text("按模块排列，只列出您有权查看的。", "By module; only those that you may see.")),
        TourStep("[data-dashboard]", Text("您岗位的仪表盘", "Your job's dashboard"), Text("常看的数字和入口；点数字即到对应的单据。", "Numbers and ways that you often need; a number leads to its records.")),
        TourStep(".side [href='/mine']", Text("无网络也能工作", "Work without network"), Text("手机上的“我的工作”可离线填写，联网后自动发送。", "My work on the phone is filled in without network and sent later.")),
        TourStep("[data-tour-at=me]", Text("您的账号", "Your account"), Text("密码、两步验证、语言和外观；导览也可从这里再看一遍。在任何页按 ? 查看快捷键。", "Password, two-step sign-in, language, appearance; this tour can be taken again from here. Press ? anywhere for the keys.")),
    ),
    FIRST_HOUR: (
        TourStep(".first-steps", Text("第一个小时", "The first hour"), Text("要设置的事按顺序列在这里，做完的由站点自己打勾。", "What to set up, in its order; the site ticks what is done.")),
        TourStep(".first-steps [href='/admin/doc/User/']", Text("人员与角色", "People and roles"), Text("先建部门和用户，按岗位给角色。", "Begin with departments and people, with the roles of their jobs.")),
        TourStep(".first-steps [href='/admin/builder/']", Text("单据设计", "Build a record type"), Text("拖入字段、预览、发布；表、表单、列表和接口随即可用。", "Drag fields in, preview, publish; table, form, list and API are there at once.")),
        TourStep(".first-steps [href='/admin/rules/edit']", Text("规则", "Rules"), Text("写条件和后果，先试再发布，每条规则注明条款。", "Write conditions and what follows, try them, publish; each rule cites its clause.")),
        TourStep(".admin-cards [href='/admin/outbox/']", Text("出了什么问题", "What went wrong"), Text("没有送达的消息和规则故障在这里变红。", "Messages that were not delivered, and failures of rules, turn red here.")),
        TourStep(".navbar-nav [href='/']", Text("返回工作台", "Back to the desk"), Text("工作台的首页也显示站点状况。", "The first page of the desk shows the state of the site, too.")),
    ),
}  # fmt: skip
