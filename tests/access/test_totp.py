"""One-time codes by the clock, and the QR code that hands their secret to a phone."""

from __future__ import annotations

import pytest

from server.access import totp
from server.printing.qr import qr_path, qr_squares

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890", the secret of RFC 6238's examples


@pytest.mark.parametrize(
    ("seconds", "expected"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(seconds: int, expected: str) -> None:
    assert totp.code_at(SECRET, seconds // 30) == expected


def test_the_qr_code_has_its_three_corners_and_says_who_and_where() -> None:
    address = totp.address(SECRET, "wang@works", "规矩")
    squares = qr_squares(address)
    corner = [True] * 7
    assert (squares[0][:7], squares[0][-7:], squares[-1][:7]) == (corner, corner, corner)
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in address
    assert address.startswith("otpauth://totp/%E8%A7%84%E7%9F%A9%3Awang%40works?")
    assert qr_path(address)[0] == len(squares) + 8
