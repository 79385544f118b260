"""Static files: the edges' own under `/static`, third-party ones that the build fetched under `/assets`. Never from elsewhere."""

from __future__ import annotations

import hashlib
import time
from functools import lru_cache
from pathlib import Path

from flask import Flask, request, send_from_directory
from werkzeug.security import safe_join
from werkzeug.wrappers import Response

from .. import __version__
from ..assets import vendor_dir

# WebAssembly is compiled in this worker only, and it may load nothing but its own script and program.
WORKER = "guiju/scan-worker.js"
WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
OWN = Path(__file__).parent.parent / "desk" / "static"
FOLDERS = {"/static/guiju": OWN / "guiju", "/assets/vendor": vendor_dir()}
A_YEAR = 31_536_000


def init_app(app: Flask) -> None:
    app.add_url_rule("/static/<path:path>", "static", _own)
    app.add_url_rule("/assets/vendor/<path:path>", "vendor", _vendor)
    app.jinja_env.globals["static"] = static
    app.jinja_env.globals["vendor"] = vendor
    app.jinja_env.globals["import_map"] = import_map


def _own(path: str) -> Response:
    answer = _sent(OWN, path)
    if path == WORKER:
        answer.headers["Content-Security-Policy"] = WORKER_POLICY
    return answer


def _vendor(path: str) -> Response:
    return _sent(vendor_dir(), path)


def _sent(folder: Path, path: str) -> Response:
    """What carries its version in the address is kept for good; everything else is asked for again, by its content."""
    found = safe_join(str(folder), path)
    answer = send_from_directory(folder, path, etag=_version(Path(found)) if found else False)
    answer.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if "v" in request.args else "no-cache"
    return answer


def _version(path: Path) -> str:
    """A file's content in ten characters. Its time would not do: a package may set the same one on every release."""
    return _digest(path, path.stat().st_mtime_ns, path.stat().st_size) if path.is_file() else ""


@lru_cache(maxsize=512)
def _digest(path: Path, _modified: int, _size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def static(name: str) -> str:
    """The address of one of our own files, with its version."""
    return _address("/static/guiju", name, _now())


def vendor(name: str) -> str:
    """The address of a third-party file."""
    return _address("/assets/vendor", name, _now())


def import_map() -> dict[str, dict[str, str]]:
    """Under which address our scripts import each other: with its version, so that a page never mixes two releases."""
    return _import_map(_now())


def _now() -> int:
    """A page names a hundred files; whether one of them has changed is looked at every other second."""
    return int(time.monotonic()) // 2


@lru_cache(maxsize=512)
def _address(under: str, name: str, _at: int) -> str:
    return f"{under}/{name}?v={_version(FOLDERS[under] / name)}"


@lru_cache(maxsize=2)
def _import_map(_at: int) -> dict[str, dict[str, str]]:
    return {"imports": {f"/static/guiju/{file.name}": static(file.name) for file in sorted((OWN / "guiju").glob("*.js"))}}


def release() -> str:
    """What the program and its browser files are at, in ten characters: it changes with any of them."""
    parts = [
        __version__,
        *import_map()["imports"].values(),
        *(static(file.name) for file in sorted((OWN / "guiju").glob("*.css"))),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]
