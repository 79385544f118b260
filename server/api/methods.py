"""`/api/method/<dotted.name>`: the table of methods that clients may call. Nothing is called by its Python name.

A method is a function of `Arguments`; what it returns becomes `{"message": ...}`, unless it is an answer already.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import NotFound
from ..core.text import Text, nearest
from .arguments import Arguments

Function = Callable[[Arguments], Any]
READING = ("GET", "POST")
WRITING = ("POST",)  # a link or a picture address must never change anything

methods = Blueprint("methods", __name__, url_prefix="/api/method")


@dataclass(frozen=True)
class Method:
    function: Function
    verbs: tuple[str, ...]
    is_public: bool


TABLE: dict[str, Method] = {}


def method(name: str, verbs: tuple[str, ...] = READING, *, is_public: bool = False) -> Callable[[Function], Function]:
    """Enter a function into the table under Frappe's name for it."""

    def enter(function: Function) -> Function:
        TABLE[name] = Method(function, verbs, is_public)
        return function

    return enter


@methods.route("/<path:name>", methods=["GET", "POST"])
def call(name: str) -> Response:
    found = TABLE.get(name.strip("/"))
    if found is None:
        hint = nearest(name, TABLE)
        raise NotFound(Text(f"没有方法 {name[:80]}。{hint.zh}", f'There is no method "{name[:80]}".{hint.en}'))
    if not found.is_public:
        web.current_user()
    verb = "GET" if request.method == "HEAD" else request.method
    if verb not in found.verbs:
        raise MethodNotAllowed(valid_methods=found.verbs)
    result = found.function(Arguments.of_request())
    return result if isinstance(result, Response) else jsonify(message=result)
