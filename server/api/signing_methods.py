"""`guiju.sign`: e-signatures of records."""

from __future__ import annotations

from typing import Any

from .. import web
from ..access.identity import Credentials
from ..documents.signed_content import Signature
from ..documents.signing import Signing
from ..web.sign_in import session_token
from .arguments import Arguments
from .methods import WRITING, method
from .records_json import value_json


@method("guiju.sign", WRITING)
def sign(arguments: Arguments) -> dict[str, Any]:
    """Sign a record at the `version` that was read: `meaning`, `reason`, and the signer's own `login`, `password` or `code`.

    The first signing of a session asks for all that the signer has; with an API key every one does. `obligation` is the id of
    an owed signature that this one is to meet.
    """
    arguments.required("version")
    version = arguments.number("version", 0)
    signed = web.services().signing.sign(
        web.current_user(), arguments.required("doctype"), arguments.required("name"),
        Signing(arguments.text("meaning"), arguments.text("reason"), arguments.text("obligation") or None),
        Credentials(arguments.text("login"), arguments.text("password"), arguments.text("code")),
        version=version,
        token=session_token(),
    )  # fmt: skip
    return signature_json(signed)


@method("guiju.signatures")
def signatures(arguments: Arguments) -> list[dict[str, Any]]:
    """The signatures of a record, the first one first, each with whether it is valid and what changed since."""
    found = web.services().signing.of_record(web.current_user(), arguments.required("doctype"), arguments.required("name"))
    return [signature_json(item) for item in found]


def signature_json(item: Signature) -> dict[str, Any]:
    zone, language = web.services().zone, web.language()
    return {
        "id": item.id, "number": item.number, "doctype": item.doctype, "name": item.name, "version": item.version,
        "signer": item.signer, "full_name": item.full_name, "at": value_json(item.at, zone), "meaning": item.meaning,
        "meaning_label": item.meaning_title.to(language), "reason": item.reason, "method": item.method,
        "content_hash": item.content_hash, "covers": list(item.covers), "valid": item.is_valid,
        "voided_at": value_json(item.voided_at, zone), "voided_by": item.voided_by,
        "changed": [
            {key: change.get(key) for key in ("table", "idx", "field", "change", "old", "new")} for change in item.changed
        ],
    }  # fmt: skip
