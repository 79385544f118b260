"""The administrator's first hour: what to set up, in which order, and what of it is done, read off the site itself.

Nothing here is ticked by hand. A step is done when the site shows that it is, so that the list is right for whoever looks next.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..access.user import User
from ..core.text import Text
from ..site import Site


@dataclass(frozen=True, slots=True)
class FirstStep:
    title: Text
    text: Text
    url: str
    done: bool


def first_steps(site: Site, reader: User) -> list[FirstStep]:
    """The steps in their order, as far as `reader` may see whether they are done."""
    kinds = {kind for kind, _ in site.publisher.customised()}
    return [
        FirstStep(
            Text("写上公司名称", "Give the company's name"),
            Text(
                "在站点文件夹的 guiju.toml 中填写 company（或设环境变量 GUIJU_COMPANY）后重启，它印在每张单据的页眉。",
                "Set company in the site's guiju.toml (or GUIJU_COMPANY) and start again; it heads every print.",
            ),
            "",
            bool(site.settings.company),
        ),
        FirstStep(
            Text("建立部门和用户", "Add departments and people"),
            Text("每人一个登录名，按岗位给角色；权限一览可核对谁能做什么。", "One login each, with the roles of the job; the rights page shows who may do what."),
            "/admin/doc/User/",
            site.queries.count(reader, "User", filters=[("enabled", "=", 1)], cap=3).value > 2,
        ),
        FirstStep(
            Text("核对工作日历", "Check the work calendar"),
            Text("时限按工作时间计算：核对班次、节假日和调休。", "Deadlines count working time: check shifts, holidays and make-up workdays."),
            "/admin/calendars/",
            _has_confirmed_year(site, reader),
        ),
        FirstStep(
            Text("接通消息通道", "Connect a channel for messages"),
            Text("邮件、企业微信、钉钉或飞书：设好后发一条测试消息。", "E-mail, WeCom, DingTalk or Feishu: set it up and send a test message."),
            "/admin/messages/",
            site.queries.count(reader, "Notification Channel", filters=[("enabled", "=", 1)], cap=1).value > 0,
        ),
        FirstStep(
            Text("画一张自己的单据", "Draw a record type of your own"),
            Text("拖入字段，预览，发布；表、表单、列表、接口随即可用。", "Drag fields in, preview, publish; table, form, list and API are there at once."),
            "/admin/builder/",
            "DocType" in kinds,
        ),
        FirstStep(
            Text("写一条自己的规则", "Write a rule of your own"),
            Text("选条件和后果，旁边写测试，先对过去的记录模拟，再发布。", "Choose conditions and what follows, test beside it, simulate on past records, then publish."),
            "/admin/rules/edit",
            "Rule" in kinds,
        ),
        FirstStep(
            Text("启用两步验证", "Turn on two-step sign-in"),
            Text("管理员的账号能改一切，请用手机验证码保护它。", "An administrator's account can change everything; protect it with a code from the phone."),
            "/account/second-factor",
            site.identity.second_factor(reader) is not None,
        ),
    ]  # fmt: skip


def _has_confirmed_year(site: Site, reader: User) -> bool:
    known = site.calendar_years.calendars(reader)
    year = site.clock.now().astimezone(site.zone).year
    return bool(known) and year in site.calendar_years.calendar(reader, known[0]["name"]).confirmed
