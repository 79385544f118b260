"""Identifiers and digests."""

from __future__ import annotations

import hashlib
import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # 32 of them, so a byte picks evenly; no i, l, o, u: read aloud without doubt
_LETTERS = bytes(ord(_ALPHABET[byte % 32]) for byte in range(256))


def new_id(length: int = 10) -> str:
    """A short random id for records named by `hash`, child rows and obligations."""
    return secrets.token_bytes(length).translate(_LETTERS).decode("ascii")


def new_token() -> str:
    """An unguessable token (256 bits) for sessions, API secrets and public file ids."""
    return secrets.token_urlsafe(32)


def digest(content: bytes | str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()
