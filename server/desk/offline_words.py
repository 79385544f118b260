"""What the desk says about working without network."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text

WORK = Text("我的工作", "My work")

WORDS: Mapping[str, Text] = {
    "offline": Text("离线", "Offline"),
    "unanswered": Text("服务器无应答，正在重试", "No answer from the server, trying again"),
    "waiting": Text("{number} 项待发送", "{number} waiting"),
    "refused": Text("{number} 项需处理", "{number} to be solved"),
    "synced": Text("已同步", "Synced"),
    "signed_out": Text("请登录后发送", "Sign in to send"),
    "state_waiting": Text("待发送", "Waiting"),
    "to_sign": Text("{number} 项待签名", "{number} to sign"),
    "state_sign": Text("待签名", "To sign"),
    "state_refused": Text("被退回", "Refused"),
    "state_conflict": Text("有冲突", "Conflict"),
    "queued": Text("已保存在本机，联网后自动发送。", "Kept on this device; it is sent as soon as there is a network."),
    "queued_step": Text(
        "“{step}”已保存在本机，联网后自动办理，由服务器核对。",
        "“{step}” is kept on this device; it is sent, and judged by the server, as soon as there is a network.",
    ),
    "queued_sign": Text(
        "已记下您要签署此单据。签名须输入密码，密码不保存在本机：联网后请在此签署。",
        "Noted that you want to sign this. A signature takes your password, which is never kept here: sign when there is a network.",
    ),
    "sign_now": Text("现在签署", "Sign now"),
    "sent": Text("已发送 {number} 项", "{number} sent"),
    "here_waiting": Text(
        "以下内容保存在本机（{at}），尚未发送；联网后自动发送。",
        "What you see was kept on this device ({at}) and has not been sent yet; it is sent when there is a network.",
    ),
    "here_step": Text(
        "“{step}”保存在本机（{at}），等待发送；联网后自动办理。需要更改时直接修改并再按一次按钮，以后按的为准。",
        "“{step}” was kept on this device ({at}) and waits to be sent. To change it, change the form and press a button again; "
        "the later one counts.",
    ),
    "here_refused": Text(
        "以下是您 {at} 保存在本机的内容，服务器未接受。请按提示更正后再保存。",
        "What you see was kept on this device at {at}; the server did not accept it. Mend what is named and save again.",
    ),
    "discard": Text("丢弃", "Discard"),
    "confirm_discard": Text(
        "丢弃保存在本机、尚未发送的“{title}”？丢弃后不能恢复。",
        "Discard what is kept on this device for “{title}” and was not sent? It cannot be brought back.",
    ),
    "confirm_leave": Text(
        "本机还有 {number} 项内容未发送。退出登录会把它们从本机删除，不能恢复。",
        "{number} saves on this device have not been sent. Signing out deletes them here; they cannot be brought back.",
    ),
    "leave_anyway": Text("删除并退出", "Delete and sign out"),
    "close": Text("返回", "Back"),
    "no_network": Text("此操作需要网络，请联网后再试。", "This needs the network; try again when there is one."),
}
