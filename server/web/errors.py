"""Errors as answers: JSON in Frappe's envelope for clients and scripts, a page in words for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import quote

import orjson
import structlog
from flask import Flask, current_app, g, jsonify, make_response, redirect, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from ..access.attempts import SignInPaused
from ..access.user import User
from ..core.errors import Fault, GuijuError, LinkExists, NotSignedIn, PermissionRefused, StaleVersion, StorageUnavailable
from ..core.text import Text
from .context import language, services
from .limits import too_large

ErrorPage = Callable[[GuijuError | None, Text, int], str]
log = structlog.get_logger(__name__)

HTTP_TEXTS = {
    400: Text("请求有误。", "The request is not right."),
    404: Text("没有这个页面，它可能已被移动或删除。", "There is no such page; it may have been moved or deleted."),
    405: Text("此地址不支持该操作。", "This address does not take that kind of request."),
}
EXC_TYPES = {400: "ValidationError", 404: "DoesNotExistError", 405: "MethodNotAllowed"}  # the names that Frappe's clients know
OTHER = Text("请求不能处理。", "The request cannot be handled.")


def init_app(app: Flask) -> None:
    app.register_error_handler(GuijuError, _told)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def register_error_page(app: Flask, page: ErrorPage) -> None:
    """How the desk shows an error as a page."""
    app.extensions["guiju_error_page"] = page


def wants_json() -> bool:
    """API clients and scripts; a browser's navigation asks for HTML first."""
    return request.path.startswith(("/api/", "/health")) or request.accept_mimetypes.best == "application/json"


def name_roles(error: GuijuError) -> None:
    """Let what is refused name the roles that may as people call them."""
    if isinstance(error, PermissionRefused) and error.roles:
        error.text = error.called(services().queries.titles(User.administrator(), "Role", error.roles))


def _told(error: GuijuError) -> Response:
    if isinstance(error, StorageUnavailable):
        log.error("storage unavailable", path=request.path, cause=repr(error.__cause__))
    name_roles(error)
    if wants_json():
        answer: Response = jsonify(envelope(error))
    elif isinstance(error, NotSignedIn) and request.method == "GET":
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return redirect(f"/login?next={quote(quote(request.path) + query, safe='/')}")
    else:  # after a POST the form's page must stay within reach of "back", with what was typed
        answer = _page(error, error.text, error.status)
    answer.status_code = error.status
    if isinstance(error, SignInPaused):
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, NotSignedIn):
        answer.headers["WWW-Authenticate"] = 'token realm="guiju"'
    return answer


def envelope(error: GuijuError) -> dict[str, Any]:
    """Frappe's error object, and beside it every fault with its place."""
    found = _envelope(error.exc_type, error.text, error.faults)
    spoken = language()
    if isinstance(error, StaleVersion):
        found["current_version"] = error.current_version
        found["modified_by"] = error.modified_by
        found["differences"] = [
            {"fieldname": item.fieldname, "label": item.label.to(spoken), "theirs": item.theirs, "mine": item.mine}
            for item in error.differences
        ]
    if isinstance(error, LinkExists):
        found["summary"] = error.summary.to(spoken)
        found["referring"] = [
            {"doctype": item.doctype, "name": item.name, "label": item.label.to(spoken)} for item in error.referring
        ]
    return found


def _envelope(exc_type: str, text: Text, faults: Sequence[Fault]) -> dict[str, Any]:
    spoken = language()
    lines = [text.to(spoken), *(fault.text.to(spoken) for fault in faults)]
    return {
        "exc_type": exc_type,
        "exception": f"{exc_type}: {' '.join(lines)}",
        "_server_messages": server_messages(lines),
        "message": lines[0],
        "faults": [fault.to_json(spoken) for fault in faults],
    }


def server_messages(lines: Iterable[str], indicator: str = "red") -> str:
    """Frappe's list of messages: JSON texts within a JSON text."""
    return orjson.dumps([orjson.dumps({"message": line, "indicator": indicator}).decode() for line in lines]).decode()


def _http(error: HTTPException) -> Response | tuple[Any, int]:
    if isinstance(error, RequestEntityTooLarge):
        return _told(too_large())
    text = HTTP_TEXTS.get(error.code or 500, OTHER)
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()  # a redirect of the router
    if wants_json():
        return jsonify(_envelope(EXC_TYPES.get(error.code or 500, type(error).__name__), text, [])), error.code or 500
    return _page(None, text, error.code or 500)


def _unexpected(error: Exception) -> Response | tuple[Any, int]:
    """A fault of ours: told without its inside, logged with it."""
    log.exception("unexpected error", path=request.path, method=request.method)
    number = g.get("request_id", "")
    text = Text(
        f"系统出错，请求未能完成。请重试；若再次出现，请把编号 {number} 告诉管理员。",
        f"Something went wrong here and the request was not completed. Try again; if it happens once more, give the administrator "
        f"the number {number}.",
    )
    if wants_json():
        return jsonify(_envelope("ServerError", text, []) | {"request_id": number}), 500
    return _page(None, text, 500)


def _page(error: GuijuError | None, text: Text, status: int) -> Response:
    page: ErrorPage | None = current_app.extensions.get("guiju_error_page")
    if page is None:  # plain text: what it quotes may come from the request
        return Response(text.to(language()), status, mimetype="text/plain")
    return make_response(page(error, text, status), status)
