"""E-mail by SMTP: STARTTLS, TLS from the start, or (inside one's own network) none; plain text and HTML side by side."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Any

from markupsafe import Markup, escape

from ...core.errors import Fault
from ...core.text import Text
from .base import TIMEOUT_SECONDS, ChannelSettings, Message, Outcome, logged, missing, unreachable

ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
BAD_PASSWORD = Text("邮件服务器不接受用户名或密码", "the mail server refuses the user or the password")
SUBTYPES = {"pdf": "pdf", "xlsx": "vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
DEFAULT_PORTS = {"STARTTLS": 587, "SSL": 465, "None": 25}
PAGE = Markup(
    '<!doctype html><html><body style="font-family:sans-serif;font-size:15px;line-height:1.6;color:#1f2937">'
    '<h2 style="font-size:17px;margin:0 0 12px">{subject}</h2>{body}{link}</body></html>'
)
PARAGRAPH = Markup('<p style="margin:0 0 12px">{text}</p>')
LINK = Markup(
    '<p style="margin:20px 0"><a href="{url}" style="background:#1d4ed8;color:#fff;padding:9px 18px;border-radius:6px;'
    'text-decoration:none">{text}</a></p>'
)


class Email:
    name = "email"
    label = Text("电子邮件", "E-mail")
    is_personal = True
    address = "email"

    def faults(self, values: Mapping[str, Any]) -> list[Fault]:
        needed = {"smtp_host": Text("邮件服务器", "the mail server"), "from_address": Text("发件地址", "the sender's address")}
        found = missing(values, needed)
        sender = str(values.get("from_address") or "")
        if sender and not ADDRESS.fullmatch(sender):
            found.append(Fault("from_address", Text(f"“{sender}”不是邮件地址。", f'"{sender}" is not an e-mail address.')))
        port = values.get("smtp_port")
        if port and not 0 < int(port) < 65536:
            found.append(
                Fault("smtp_port", Text(f"端口 {port} 应在 1 到 65535 之间。", f"The port {port} should be 1 to 65535."))
            )
        return found

    def send(self, message: Message, address: str, settings: ChannelSettings) -> Outcome:
        """One dialogue for one receiver. What the server answers with 5xx is refused for good, all else is tried again."""
        if not ADDRESS.fullmatch(address):
            return Outcome("refused", error=Text(f"“{address}”不是邮件地址", f'"{address}" is not an e-mail address'))
        mail = compose(message, address, settings)
        request = logged(f"To: {address}\nSubject: {mail['Subject']}\n\n{message.body}")
        try:
            server = _connect(settings)
        except smtplib.SMTPAuthenticationError as error:
            return Outcome("again", request, _said(error), BAD_PASSWORD, is_away=True)
        except (OSError, smtplib.SMTPException) as error:
            return unreachable(request, error)
        try:
            server.send_message(mail, settings.text("from_address"), [address])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            return _judged(request, code, said)
        except smtplib.SMTPResponseException as error:
            return _judged(request, error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            return replace(unreachable(request, error), is_away=False)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        return Outcome("sent", request, "250 OK")


def compose(message: Message, address: str, settings: ChannelSettings) -> EmailMessage:
    """The mail: its Message-ID follows from the key, so that a mail sent twice after a crash is known as one."""
    sender = settings.text("from_address")
    mail = EmailMessage()
    name, domain = " ".join(settings.text("from_name").split()), sender.rpartition("@")[2]
    mail["From"] = Address(name, addr_spec=sender)
    mail["To"] = Address(addr_spec=parseaddr(address)[1])
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(settings.now)
    mail["Message-ID"] = f"<{sha256(message.key.encode()).hexdigest()[:32]}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence note in return
    if message.urgent:
        mail["Importance"] = "high"
        mail["X-Priority"] = "1"
    mail.set_content(f"{message.body}\n\n{message.url}\n" if message.url else f"{message.body}\n")
    mail.add_alternative(_html(message), subtype="html")
    for filename, content in message.enclosures:
        subtype = SUBTYPES.get(filename.rpartition(".")[2], "octet-stream")
        mail.add_attachment(content, maintype="application", subtype=subtype, filename=filename)
    return mail


def _html(message: Message) -> str:
    parts = [
        PARAGRAPH.format(text=Markup("<br>").join(escape(line) for line in part.split("\n")))
        for part in message.body.split("\n\n")
    ]
    link = LINK.format(url=message.url, text=message.link_text or message.url) if message.url else ""
    return str(PAGE.format(subject=message.subject, body=Markup("").join(parts), link=link))


def _connect(settings: ChannelSettings) -> smtplib.SMTP:
    security = settings.text("smtp_security") or "STARTTLS"
    host, port = settings.text("smtp_host"), int(settings.values.get("smtp_port") or 0) or DEFAULT_PORTS[security]
    context = _context(settings)
    server = (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
        if security == "SSL"
        else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    )
    try:
        if security == "STARTTLS":
            server.starttls(context=context)
        if user := settings.text("smtp_user"):
            server.login(user, str(settings.values.get("smtp_password") or ""))
    except BaseException:
        server.close()
        raise
    return server


def _context(settings: ChannelSettings) -> ssl.SSLContext:
    """Certificates are checked; a house's own authority can be pasted into the channel."""
    return ssl.create_default_context(cadata=settings.text("smtp_ca") or None)


def _judged(request: str, code: int, said: bytes | str) -> Outcome:
    answer = logged(f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}")
    return Outcome(
        "refused" if code >= 500 else "again",
        request,
        answer,
        Text(f"邮件服务器应答 {code}", f"the mail server answered {code}"),
    )


def _said(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
