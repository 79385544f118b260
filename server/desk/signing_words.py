"""The fixed texts of e-signatures, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text

SIGNING: Mapping[str, Text] = {
    "sign.title": Text("电子签名", "E-signature"),
    "sign.what": Text("所签内容", "What you sign"),
    "sign.yours": Text("您的签名", "Your signature"),
    "sign.meaning": Text("签名含义", "Meaning"),
    "sign.choose": Text("请选择", "Choose one"),
    "sign.reason": Text("说明（可不填）", "Reason (may be left empty)"),
    "sign.code": Text("验证码", "Code of your authenticator"),
    "sign.sign": Text("签名", "Sign"),
    "sign.no_rows": Text("无", "None"),
    "sign.yes": Text("是", "Yes"),
    "sign.no": Text("否", "No"),
    "sign.first": Text(
        "请输入您本人的全部凭据。在同一次登录中连续签名时，之后只需密码或验证码。",
        "Give all of your own credentials. Further signatures in one sitting ask for the password or a code only.",
    ),
    "sign.continued": Text("连续签名：请再输入密码。", "You signed a moment ago: type your password again."),
    "sign.continued_code": Text(
        "连续签名：请输入密码或验证码之一。", "You signed a moment ago: type either your password or a code."
    ),
    "sign.statement": Text(
        "签名即表示我（{name}）已阅读以上内容，并确认此电子签名与我的手写签名具有同等法律效力。",
        "By signing I, {name}, confirm that I have read this and that this e-signature is as binding as my signature by hand.",
    ),
    "sign.not_yours": Text("这张单据没有要求您签名。", "This record does not ask for your signature."),
    "sign.covers_all": Text(
        "签名涵盖单据的全部内容，您看不到的字段也在内；此后任何更改都会使签名失效。",
        "The signature covers the whole record, fields that you do not see included; any change of it later makes the signature void.",
    ),
    "sign.covers_some": Text("签名只涵盖：", "The signature covers only:"),
    "sign.manifest": Text("电子签名", "E-signatures"),
    "sign.valid": Text("有效", "Valid"),
    "sign.void": Text("已失效", "Void"),
    "sign.void_since": Text("签名后内容已更改", "changed after signing"),
    "sign.tampered": Text("内容与签名时不符，且历史中没有更改记录", "the content differs and no change of it is recorded"),
}
