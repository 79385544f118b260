"""The fixed texts around the records, in both languages: the frame of every page, signing in, one's account, the first page, search, errors."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text

SHELL: Mapping[str, Text] = {
    "app.name": Text("规矩", "Guiju"),
    "app.skip": Text("跳到正文", "Skip to content"),
    "app.menu": Text("菜单", "Menu"),
    "app.tools": Text("工具", "Tools"),
    "app.modules": Text("模块", "Modules"),
    "app.path": Text("位置", "Path"),
    "app.search": Text("搜索单号、客户、标题", "Search numbers, customers, titles"),
    "app.switch_language": Text("Switch to English", "切换为中文"),
    "app.language": Text("语言", "Language"),
    "app.me": Text("我的账号", "My account"),
    "app.admin": Text("管理后台", "Administration"),
    "app.sign_out": Text("退出登录", "Sign out"),
    "login.title": Text("登录规矩", "Sign in to Guiju"),
    "login.hint": Text("用管理员分配的账号登录", "Use the account your administrator gave you"),
    "login.login": Text("登录名", "Login"),
    "login.password": Text("密码", "Password"),
    "login.sign_in": Text("登录", "Sign in"),
    "password.title": Text("修改密码", "Change password"),
    "password.present": Text("当前密码", "Present password"),
    "password.password": Text("新密码", "New password"),
    "password.again": Text("再输一次新密码", "New password again"),
    "password.hint": Text(
        "至少 {number} 个字符。更改后，您在其他设备上的登录都会退出。",
        "At least {number} characters. Changing it signs you out on all other devices.",
    ),
    "password.changed": Text(
        "密码已更改，其他设备上的登录已退出。", "The password was changed; you are signed out on all other devices."
    ),
    "password.held_up": Text(
        "您的密码由他人设置或已过期，请先改为自己的新密码。",
        "Somebody else chose your password, or it has expired: choose a new one of your own first.",
    ),
    "factor.title": Text("验证器", "Authenticator"),
    "factor.what": Text(
        "手机上的验证器应用每 30 秒显示一个新的六位数字。启用后，登录和首次签名除密码外还须输入它。",
        "An authenticator app on your phone shows six new digits every 30 seconds. Once on, signing in and your first signature ask for them beside the password.",
    ),
    "factor.held_up": Text("您的岗位须先启用验证器。", "Your role asks for an authenticator: turn it on first."),
    "factor.begin": Text("启用验证器", "Turn on an authenticator"),
    "factor.scan": Text(
        "用手机上的验证器应用扫描此图，然后输入它显示的六位数字。",
        "Scan this with the authenticator app on your phone, then type the six digits that it shows.",
    ),
    "factor.qr": Text("供验证器扫描的二维码", "QR code for the authenticator"),
    "factor.secret": Text("不能扫描时，请手工输入密钥：", "If you cannot scan it, type this key:"),
    "factor.confirm": Text("确认并启用", "Confirm and turn on"),
    "factor.on_now": Text("验证器已启用。", "The authenticator is on."),
    "factor.keep_codes": Text(
        "请妥善保存以下恢复码（只显示这一次）。手机丢失时，每个恢复码可代替验证码登录一次。",
        "Keep these recovery codes safe; they are shown only now. Each signs you in once in place of a code when the phone is lost.",
    ),
    "factor.kept": Text("已保存，继续", "I have kept them"),
    "factor.on_since": Text("验证器已启用，时间：", "The authenticator is on since "),
    "factor.left": Text("。剩余恢复码：{number} 个。", ". Recovery codes left: {number}."),
    "factor.end": Text("停用验证器", "Turn it off"),
    "home.title": Text("首页", "Home"),
    "home.hello": Text("{name}，您好", "Hello, {name}"),
    "home.owed": Text("我的待办", "What I owe"),
    "home.all": Text("全部", "All"),
    "home.recent": Text("最近处理", "Recently worked on"),
    "home.awaited": Text("等待他人", "Waiting for others"),
    "home.awaited_from": Text("等 {who}", "From {who}"),
    "home.no_recent": Text("还没有处理过单据。从下面选择一个模块开始。", "Nothing yet. Choose a module below to begin."),
    "home.modules": Text("模块", "Modules"),
    "search.title": Text("搜索", "Search"),
    "search.results": Text("“{q}”的搜索结果", "Results for “{q}”"),
    "search.all": Text("查看全部结果", "All results"),
    "search.in_list": Text("在列表中查看", "Open in the list"),
    "search.nothing": Text(
        "没有找到。试试单号、客户名或标题中的词。", "Nothing found. Try a number, a customer or a word of the title."
    ),
    "error.title": Text("出错了", "Something is wrong"),
    "error.back": Text("返回", "Go back"),
    "error.home": Text("回首页", "Home"),
    "error.number": Text("请求编号", "Request number"),
}
