"""One-time codes by the clock (RFC 6238): what an authenticator on a phone shows, from a secret that both sides know."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
TOLERANCE = 1  # a phone's clock may be one step off


def new_secret() -> str:
    """160 random bits in the letters that authenticators take."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of one step of thirty seconds."""
    mac = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[-1] & 15
    return str((int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF) % 10**DIGITS).zfill(DIGITS)


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, now: datetime, after: int = 0) -> int | None:
    """The step whose code this is, later than step `after` (a code counts once); None when it is none of this moment."""
    code = "".join(code.split())
    present = step_of(now)
    steps = range(max(present - TOLERANCE, after + 1), present + TOLERANCE + 1)
    return next((step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())), None)


def address(secret: str, login: str, site: str) -> str:
    """What the QR code says to the authenticator."""
    label = quote(f"{site}:{login}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': site, 'digits': DIGITS, 'period': STEP_SECONDS})}"
