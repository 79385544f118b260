"""Static files: the edges' own under `/static`, third-party ones that the build fetched under `/assets`. Never from elsewhere."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from flask import Flask, request, send_from_directory
from werkzeug.wrappers import Response

from .. import __version__
from ..assets import vendor_dir
from ..core.ids import digest

OWN = Path(__file__).parent.parent / "desk" / "static"
A_YEAR = 31_536_000


def init_app(app: Flask) -> None:
    app.add_url_rule("/static/<path:path>", "static", _own)
    app.add_url_rule("/assets/vendor/<path:path>", "vendor", _vendor)
    app.jinja_env.globals["static"] = static
    app.jinja_env.globals["vendor"] = vendor


def _own(path: str) -> Response:
    return _kept(send_from_directory(OWN, path))


def _vendor(path: str) -> Response:
    return _kept(send_from_directory(vendor_dir(), path))


def _kept(answer: Response) -> Response:
    """What carries its version in the address is kept for good; modules that import each other are asked for again."""
    answer.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if "v" in request.args else "no-cache"
    return answer


@lru_cache(maxsize=512)
def _version(path: str, modified: float) -> str:
    return digest(f"{__version__}{path}{modified}")[:10]


def static(name: str) -> str:
    """The address of one of our own files, with its version."""
    path = OWN / "guiju" / name
    return f"/static/guiju/{name}?v={_version(name, path.stat().st_mtime if path.exists() else 0)}"


def vendor(name: str) -> str:
    """The address of a third-party file."""
    path = vendor_dir() / name
    return f"/assets/vendor/{name}?v={_version(name, path.stat().st_mtime if path.exists() else 0)}"
