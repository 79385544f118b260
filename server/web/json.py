"""JSON by orjson: quick, and strict about what the standard library lets through (NaN, endless depth)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
from flask import request
from flask.json.provider import JSONProvider

from ..core.errors import ValidationFailed
from ..core.text import Text
from ..core.values import to_json

MAX_DEPTH = 20  # a record with its rows and a signature needs four


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return value.to_json()
    if isinstance(value, Decimal):
        return to_json(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(type(value).__name__)


class OrjsonProvider(JSONProvider):
    """Flask's `jsonify` and templates' `tojson` by orjson."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj, default=_plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)


def read_json(content: bytes | str, what: Text) -> Any:
    """The value of a JSON text. Raises ValidationFailed naming `what` it was to be, when it is not JSON or nested too deep."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ValidationFailed(Text(f"{what.zh}不是有效的 JSON：{error}。", f"{what.en} is not valid JSON: {error}.")) from None
    raw = content.encode() if isinstance(content, str) else content
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _is_deeper(found, MAX_DEPTH):
        raise ValidationFailed(
            Text(f"{what.zh}嵌套超过 {MAX_DEPTH} 层。", f"{what.en} is nested more than {MAX_DEPTH} levels deep.")
        )
    return found


def _is_deeper(value: Any, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(_is_deeper(item, depth - 1) for item in inner)


def body_object() -> dict[str, Any]:
    """The JSON object that a request carries, or its form fields. Raises ValidationFailed in words."""
    body = b"" if request.mimetype in ("multipart/form-data", "application/x-www-form-urlencoded") else request.get_data()
    if not request.is_json and not body.lstrip().startswith(b"{"):
        return dict(request.form.items())
    found = read_json(body or b"{}", Text("请求内容", "The request's content"))
    if not isinstance(found, dict):
        raise ValidationFailed(Text("请求内容应为 JSON 对象。", "The request's content should be a JSON object."))
    return found
