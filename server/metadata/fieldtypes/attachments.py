"""Attach, Attach Image and Signature.

An attachment's value is the address of a stored file (`/files/<public id>/<file name>`). A signature is a drawing with the
signer's name and time: `{"image": "data:image/png;base64,...", "name": "王芳", "at": "2026-03-31T06:30:00Z"}`; Frappe's
plain data address is read as such a drawing without a name.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from ...core.text import Text
from .base import Cell, FieldType, Kind, Print, ValueRefused

if TYPE_CHECKING:
    from ..model import DocField

FILE_ADDRESS = re.compile(r"/files/[A-Za-z0-9_-]{10,80}(/[^/\\\x00]{1,200})?\Z")
DRAWING = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+\Z")
MAX_DRAWING = 300_000
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class AttachType(FieldType):
    is_short: ClassVar[bool] = False
    operators = ("is",)

    def __init__(self, name: str, widget: str, print_as: Print) -> None:
        super().__init__(name, widget)
        self.print_as = print_as

    def parse(self, value: Any, item: DocField) -> str | None:
        if value in (None, ""):
            return None
        if not isinstance(value, str) or not FILE_ADDRESS.match(value):
            raise ValueRefused(
                Text(
                    "应为已上传文件的地址（/files/…），请用“上传”按钮",
                    "expected the address of an uploaded file (/files/...); use the upload button",
                )
            )
        return value

    def words(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> str:
        return unquote(str(value).rpartition("/")[2])


class SignatureType(FieldType):
    kind: ClassVar[Kind | None] = "json"
    is_short: ClassVar[bool] = False
    operators = ("is",)
    print_as: Print = "signature"

    def parse(self, value: Any, item: DocField) -> dict[str, str | None] | None:
        if value in (None, "", {}):
            return None
        if isinstance(value, str) and value.startswith("{"):
            try:
                value = json.loads(value)
            except ValueError:
                value = {}
        drawn = {"image": value} if isinstance(value, str) else value
        image = drawn.get("image") if isinstance(drawn, dict) else None
        if not isinstance(image, str) or len(image) > MAX_DRAWING or not _is_png(image):
            raise ValueRefused(
                Text("签名应为手写板上画出的 PNG 图像", "a signature is a PNG drawing made on the signature pad")
            )
        name, at = drawn.get("name"), drawn.get("at")
        return {"image": image, "name": str(name)[:140] if name else None, "at": str(at)[:40] if at else None}

    def words(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> str:
        return str(value.get("name") or "✓") if isinstance(value, dict) else str(value)

    def cell(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> Cell:
        """Who signed; nobody signs by typing a name into a sheet, so that it is not read back."""
        return self.words(value, item, language, zone) if value else None


def _is_png(image: str) -> bool:
    if not DRAWING.match(image):
        return False
    try:
        return base64.b64decode(image.split(",", 1)[1], validate=True).startswith(PNG_SIGNATURE)
    except (binascii.Error, ValueError):
        return False


ATTACHMENT_TYPES: tuple[FieldType, ...] = (
    AttachType("Attach", "attach", "words"),
    AttachType("Attach Image", "attach-image", "picture"),
    SignatureType("Signature", "signature"),
)
