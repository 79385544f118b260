"""Each channel against a server that speaks its protocol: what it sends, and what it makes of every answer."""

from __future__ import annotations

import base64
import hmac
import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from local_servers import Asked, Mailbox, WebServer, certificate

from server.jobs.channels import ChannelSettings, Message, channels, deadline
from server.jobs.channels import http as guarded
from server.jobs.channels.http import is_allowed, url_fault

NOW = datetime(2026, 3, 31, 6, 30, tzinfo=UTC)
LOCAL = ("127.0.0.0/8",)
MESSAGE = Message(
    key="late:1", subject="已超期：工单 ST-1\n(*)", body="客户 <b>东岭</b>\n\n请处理", url="https://guiju.example.com/form/T/ST-1",
    link_text="打开单据", mentions=("13800000001",),
)  # fmt: skip


def settings(private: tuple[str, ...] = LOCAL, **values: Any) -> ChannelSettings:
    return ChannelSettings(values, NOW, private)


def mail_settings(box: Mailbox, **values: Any) -> ChannelSettings:
    return settings(
        smtp_host="localhost",
        smtp_port=box.port,
        from_address="guiju@example.com",
        from_name="规矩",
        **{"smtp_security": "None"} | values,
    )


# E-mail


def test_a_mail_has_both_forms_and_says_who_sent_it(mailbox: Mailbox) -> None:
    outcome = channels()["email"].send(MESSAGE, "li@example.com", mail_settings(mailbox))
    assert (outcome.result, len(mailbox.mails)) == ("sent", 1)
    mail = mailbox.mails[0]
    assert mail["To"] == "li@example.com"
    assert mail["From"] == "规矩 <guiju@example.com>"
    assert mail["Subject"] == "已超期：工单 ST-1 (*)"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "https://guiju.example.com/form/T/ST-1" in plain
    assert "&lt;b&gt;东岭&lt;/b&gt;" in html
    assert 'href="https://guiju.example.com/form/T/ST-1"' in html


def test_a_mail_sent_twice_has_one_message_id(mailbox: Mailbox) -> None:
    for _ in range(2):
        channels()["email"].send(MESSAGE, "li@example.com", mail_settings(mailbox))
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


@pytest.mark.parametrize("security", ["STARTTLS", "SSL"])
def test_mail_is_encrypted_and_signs_in_with_a_checked_certificate(mailbox: Mailbox, tmp_path: Path, security: str) -> None:
    mailbox.tls, pem = certificate(tmp_path)
    mailbox.is_tls_from_start = security == "SSL"
    chosen = {"smtp_security": security, "smtp_user": "guiju", "smtp_password": "s3cret"}
    refused = channels()["email"].send(MESSAGE, "li@example.com", mail_settings(mailbox, **chosen))
    assert (refused.result, mailbox.mails) == ("again", [])
    assert "CERTIFICATE_VERIFY_FAILED" in refused.error.en
    outcome = channels()["email"].send(MESSAGE, "li@example.com", mail_settings(mailbox, smtp_ca=pem, **chosen))
    assert outcome.result == "sent"
    assert mailbox.encrypted == [True]
    assert mailbox.logins == ["|guiju|s3cret"]


def test_a_server_without_starttls_gets_no_password(mailbox: Mailbox) -> None:
    chosen = {"smtp_security": "STARTTLS", "smtp_user": "guiju", "smtp_password": "s3cret"}
    outcome = channels()["email"].send(MESSAGE, "li@example.com", mail_settings(mailbox, **chosen))
    assert outcome.result == "again"
    assert mailbox.logins == mailbox.mails == []


@pytest.mark.parametrize(
    ("answers", "result", "is_away"),
    [
        pytest.param({"RCPT": "550 nobody of that name"}, "refused", False, id="unknown receiver"),
        pytest.param({"RCPT": "451 greylisted"}, "again", False, id="greylisted"),
        pytest.param({"DATA": "554 spam"}, "refused", False, id="content refused"),
        pytest.param({"MAIL": "452 disk full"}, "again", False, id="disk full"),
        pytest.param({"GREETING": "421 too busy"}, "again", True, id="busy server"),
        pytest.param({"AUTH": "535 wrong password"}, "again", True, id="wrong password"),
    ],
)
def test_what_a_mail_server_answers_decides(mailbox: Mailbox, answers: dict[str, str], result: str, is_away: bool) -> None:
    mailbox.answers = answers
    user = {"smtp_user": "guiju", "smtp_password": "x"} if "AUTH" in answers else {}
    outcome = channels()["email"].send(MESSAGE, "li@example.com", mail_settings(mailbox, **user))
    assert (outcome.result, outcome.is_away) == (result, is_away)
    assert not mailbox.mails


@pytest.mark.parametrize("address", ["", "nobody", "a@b@c", "li@example.com\nBcc: all@example.com"])
def test_what_is_no_address_is_not_written_to(mailbox: Mailbox, address: str) -> None:
    assert channels()["email"].send(MESSAGE, address, mail_settings(mailbox)).result == "refused"
    assert not mailbox.mails


# Robots


def robot(web: WebServer, path: str, **values: Any) -> ChannelSettings:
    return settings(robot_url=web.url + path, **values)


def test_wecom_is_sent_text_that_mentions(web: WebServer) -> None:
    outcome = channels()["wecom"].send(MESSAGE, "", robot(web, "/cgi-bin/webhook/send?key=K"))
    assert outcome.result == "sent"
    sent = web.asked[0].json
    assert sent["msgtype"] == "text"
    assert sent["text"]["content"].startswith("已超期：工单 ST-1")
    assert sent["text"]["content"].endswith("https://guiju.example.com/form/T/ST-1")
    assert sent["text"]["mentioned_mobile_list"] == ["13800000001"]
    assert "key=K" not in outcome.request


def test_a_long_text_is_cut_so_that_wecom_takes_it(web: WebServer) -> None:
    channels()["wecom"].send(Message("k", "标题", "字" * 3000, "https://g/x"), "", robot(web, "/send?key=K"))
    content = web.asked[0].json["text"]["content"]
    assert len(content.encode()) <= 2048
    assert content.endswith("…\nhttps://g/x")


def _dingtalk(asked: Asked) -> tuple[int, Any, dict[str, str]]:
    """Checks the signature as DingTalk documents it."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
    wanted = base64.b64encode(hmac.new(b"SEC1", f"{query['timestamp']}\nSEC1".encode(), "sha256").digest()).decode()
    if query.get("sign") != wanted or abs(int(query["timestamp"]) / 1000 - NOW.timestamp()) > 3600:
        return 200, {"errcode": 310000, "errmsg": "sign not match"}, {}
    return 200, {"errcode": 0, "errmsg": "ok"}, {}


def test_dingtalk_is_signed_and_quotes_markdown(web: WebServer) -> None:
    web.reply = _dingtalk
    good = channels()["dingtalk"].send(MESSAGE, "", robot(web, "/robot/send?access_token=T", robot_secret="SEC1"))
    assert good.result == "sent"
    sent = web.asked[0].json
    assert sent["msgtype"] == "markdown"
    assert r"\(\*\)" in sent["markdown"]["text"] or r"(\*)" in sent["markdown"]["text"]
    assert sent["markdown"]["text"].endswith("@13800000001")
    assert sent["at"]["atMobiles"] == ["13800000001"]
    bad = channels()["dingtalk"].send(MESSAGE, "", robot(web, "/robot/send?access_token=T", robot_secret="SEC2"))
    assert (bad.result, bad.error.en) == ("refused", "the robot refused it: errcode 310000: sign not match")


def _feishu(asked: Asked) -> tuple[int, Any, dict[str, str]]:
    sent = asked.json
    wanted = base64.b64encode(hmac.new(f"{sent.get('timestamp')}\nSEC1".encode(), b"", "sha256").digest()).decode()
    if sent.get("sign") != wanted:
        return 200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}, {}
    return 200, {"code": 0, "msg": "success", "data": {}}, {}


def test_feishu_is_signed_and_links(web: WebServer) -> None:
    web.reply = _feishu
    good = channels()["feishu"].send(MESSAGE, "", robot(web, "/open-apis/bot/v2/hook/H", robot_secret="SEC1"))
    assert good.result == "sent"
    content = web.asked[0].json["content"]["post"]["zh_cn"]["content"]
    assert content[1][0] == {"tag": "a", "text": "打开单据", "href": "https://guiju.example.com/form/T/ST-1"}
    assert "/hook/H" not in good.request
    bad = channels()["feishu"].send(MESSAGE, "", robot(web, "/open-apis/bot/v2/hook/H"))
    assert (bad.result, bad.error.zh[:16]) == ("refused", "机器人拒绝：code 19021")


@pytest.mark.parametrize(
    ("name", "status", "answer", "result", "pause"),
    [
        pytest.param("wecom", 200, {"errcode": 45009, "errmsg": "api freq out of limit"}, "again", 60, id="wecom: limit"),
        pytest.param("wecom", 200, {"errcode": 93000, "errmsg": "invalid webhook url"}, "refused", None, id="wecom: no robot"),
        pytest.param("wecom", 200, {"errcode": -1, "errmsg": "system busy"}, "again", None, id="wecom: busy"),
        pytest.param("dingtalk", 200, {"errcode": 130101, "errmsg": "send too fast"}, "again", 60, id="dingtalk: limit"),
        pytest.param("dingtalk", 200, {"errcode": 300001, "errmsg": "token is not exist"}, "refused", None, id="dingtalk: gone"),
        pytest.param("feishu", 200, {"code": 11232, "msg": "frequency limited"}, "again", 60, id="feishu: limit"),
        pytest.param("feishu", 429, {}, "again", 60, id="feishu: limit by status"),
        pytest.param("feishu", 200, {"code": 19024, "msg": "Key Words Not Found"}, "refused", None, id="feishu: keyword"),
        pytest.param("feishu", 200, {"StatusCode": 0, "StatusMessage": "success"}, "sent", None, id="feishu: older answer"),
        pytest.param("wecom", 502, "<html>", "again", None, id="gateway"),
        pytest.param("wecom", 200, "<html>", "again", None, id="something else answers"),
        pytest.param("wecom", 302, {}, "again", None, id="a redirect is not followed"),
    ],
)  # fmt: skip
def test_what_a_robot_answers_decides(
    web: WebServer, name: str, status: int, answer: Any, result: str, pause: int | None
) -> None:
    web.reply = lambda asked: (status, answer, {"Location": web.url + "/elsewhere"} if status == 302 else {})
    outcome = channels()[name].send(MESSAGE, "", robot(web, "/hook/x"))
    assert outcome.result == result
    assert outcome.pause == (timedelta(seconds=pause) if pause else None)
    assert len(web.asked) == 1


# Webhooks


def test_a_webhook_is_signed_over_time_and_body(web: WebServer) -> None:
    message = Message("webhook:abc", "", "", content={"doc": {"总价": 8950}})
    asked = settings(request_url=web.url + "/in", webhook_secret="shared", headers={"Authorization": "Bearer token-of-theirs"})
    outcome = channels()["webhook"].send(message, "", asked)
    assert outcome.result == "sent"
    got = web.asked[0]
    assert got.json == {"doc": {"总价": 8950}}
    parts = dict(part.split("=", 1) for part in got.headers["x-guiju-signature"].split(","))
    wanted = hmac.new(b"shared", f"{int(NOW.timestamp())}.".encode() + got.body, "sha256").hexdigest()
    assert parts == {"t": str(int(NOW.timestamp())), "v1": wanted}
    assert got.headers["x-guiju-delivery"] == "webhook:abc"
    assert got.headers["authorization"] == "Bearer token-of-theirs"
    assert "token-of-theirs" not in outcome.request


@pytest.mark.parametrize(
    ("status", "headers", "result", "pause"),
    [
        (204, {}, "sent", None), (400, {}, "refused", None), (404, {}, "refused", None), (302, {}, "refused", None),
        (408, {}, "again", None), (500, {}, "again", None), (429, {"Retry-After": "120"}, "again", 120),
        (503, {"Retry-After": "999999"}, "again", 3600), (503, {"Retry-After": "tomorrow"}, "again", None),
    ],
)  # fmt: skip
def test_what_a_webhook_answers_decides(
    web: WebServer, status: int, headers: dict[str, str], result: str, pause: int | None
) -> None:
    web.reply = lambda asked: (status, {}, headers)
    outcome = channels()["webhook"].send(Message("k", "", ""), "", settings(request_url=web.url))
    assert (outcome.result, outcome.pause) == (result, timedelta(seconds=pause) if pause else None)


# What may be called


@pytest.mark.parametrize(
    ("private", "result"),
    [((), "refused"), (("10.0.0.0/8",), "refused"), (("127.0.0.1/32",), "sent"), (("127.0.0.1",), "sent")],
)
def test_addresses_inside_the_network_only_where_the_site_allows_them(
    web: WebServer, private: tuple[str, ...], result: str
) -> None:
    outcome = channels()["webhook"].send(Message("k", "", ""), "", settings(private, request_url=web.url))
    assert outcome.result == result
    assert len(web.asked) == (result == "sent")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True), ("10.1.2.3", False), ("169.254.169.254", False), ("127.0.0.1", False), ("0.0.0.0", False),
        ("::1", False), ("::ffff:10.0.0.1", False), ("fe80::1%eth0", False), ("224.0.0.1", False), ("100.64.0.1", False),
        ("64:ff9b::a9fe:a9fe", False), ("64:ff9b::5db8:d822", True), ("::7f00:1", False), ("fec0::1", False),
        ("::ffff:0:127.0.0.1", False), ("::", False), ("2002:0a00:0001::", False), ("2606:2800:220:1::1", True),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, expected: bool) -> None:
    assert is_allowed(address, ()) is expected


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "gopher://x", "http://", "http://u:p@x/", "http://x/a b", "http://x:99999/"]
)
def test_what_is_no_web_address_is_refused_when_it_is_typed(url: str) -> None:
    assert url_fault(url)


def test_a_server_that_does_not_answer_is_given_up(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "TIMEOUT_SECONDS", 0.2)
    web.reply = lambda asked: (time.sleep(1), {}, {}) and (200, {}, {})
    began = time.monotonic()
    outcome = channels()["webhook"].send(Message("k", "", ""), "", settings(request_url=web.url))
    assert (outcome.result, outcome.is_away) == ("again", True)
    assert time.monotonic() - began < 0.9


@pytest.mark.parametrize("what", ["its headers", "its body"])
def test_a_server_that_drips_is_cut_off_and_its_answer_counts_for_nothing(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "MAX_SECONDS", 0.5)
    begun = b"HTTP/1.1 200 OK\r\n" + (b"" if what == "its headers" else b"\r\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            taken, _ = listener.accept()
            with taken, suppress(OSError):
                taken.sendall(begun)
                for number in range(60):
                    taken.sendall(f"X-{number}: y\r\n".encode())
                    time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
        outcome = channels()["webhook"].send(Message("k", "", ""), "", settings(request_url=url))
    assert (outcome.result, outcome.is_away) == ("again", True)
    assert time.monotonic() - began < 2
