"""What an e-signature can mean: a small registry, which the records of DocType Signature Meaning add to or word anew.

The words are frozen into each signature; a meaning that is worded anew later changes no signature.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..metadata.model import Model
from ..storage import records

OWN = "Signature Meaning"

BUILT_IN: Mapping[str, Text] = {
    "prepared": Text("编制", "Prepared"),
    "reviewed": Text("审核", "Reviewed"),
    "approved": Text("批准", "Approved"),
    "received": Text("接收", "Received"),
    "verified": Text("验证", "Verified"),
    "performed": Text("执行", "Performed"),
    "witnessed": Text("见证", "Witnessed"),
    "released": Text("放行", "Released"),
    "acknowledged": Text("知悉", "Acknowledged"),
}


def meanings(connection: Connection, model: Model) -> dict[str, Text]:
    """Every meaning in force with its words, in the order of the registry."""
    found = dict(BUILT_IN)
    doctype = model.get(OWN)
    if doctype is None:
        return found
    for name, row in sorted(records.heads(connection, doctype, None).items()):
        if row.get("enabled"):
            zh = str(row.get("title") or name)
            found[name] = Text(zh, str(row.get("title_en") or zh))
        else:
            found.pop(name, None)
    return found


def meaning_title(connection: Connection, model: Model, meaning: str) -> Text:
    """The words of a meaning. Raises ValidationFailed naming those that there are."""
    known = meanings(connection, model)
    if meaning not in known:
        names = ", ".join(known)
        text = Text(
            f"签名含义“{meaning}”不可用，可用：{names}。", f'"{meaning}" is no meaning of a signature; there are: {names}.'
        )
        raise ValidationFailed(Text("未签名：", "Nothing was signed:"), [Fault("meaning", text)])
    return known[meaning]
