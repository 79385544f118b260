"""Seals the secrets that records hold (Password fields) with the site's key, so that a stolen database does not tell them."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..core.errors import GuijuError
from ..core.text import Text

SEALED = "sealed:"


class SealBroken(GuijuError):
    """A sealed value was made with another site's key."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "此密码是用另一个站点密钥（secret.key）加密的，无法读出；请重新填写，或恢复原来的 secret.key。",
                "This password was sealed with another site key (secret.key) and cannot be read; type it again or restore that key.",
            )
        )


class Vault:
    """Seals and opens texts; `secret_key` is the site's (any text, kept outside the database)."""

    def __init__(self, secret_key: str) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=b"guiju password fields").derive(secret_key.encode())
        self._stamp_key = HKDF(SHA256(), length=32, salt=None, info=b"guiju e-signatures").derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def stamp(self, text: str) -> str:
        """What only the holder of the site's key can make of a text: the seal of an e-signature."""
        return hmac.new(self._stamp_key, text.encode(), hashlib.sha256).hexdigest()

    def seal(self, text: str) -> str:
        return SEALED + self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text again. Raises SealBroken when it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed.removeprefix(SEALED).encode()).decode()
        except InvalidToken:
            raise SealBroken from None
