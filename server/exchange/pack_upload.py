"""A pack that comes as a zip through the browser: unpacked into a folder of the site, which stays as the place that it came from."""

from __future__ import annotations

import io
import re
import shutil
import time
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ..core.errors import TooLarge, ValidationFailed
from ..core.ids import digest
from ..core.text import Text
from .manifest import FILE

FOLDER = "uploaded_packs"  # below the site's folder
MOST_FILES, MOST_BYTES = 5_000, 50_000_000
WAITS_SECONDS = 24 * 3600  # an upload may wait so long for its "add": another administrator's must not take it away
LONGEST_NAME = 255  # bytes: more than that no folder holds
TOKEN = re.compile(r"[0-9a-f]{16}\Z")
WANTED = frozenset({".json", ".html", ".po"})


def unpack(packed: bytes, site_dir: Path, in_use: Collection[str]) -> str:
    """Unpack a zip; returns the token by which `uploaded` finds its folder. Uploads that have waited for a day and that no pack came
    from (`in_use`: the places of packs) are cleared away. Raises ValidationFailed, TooLarge."""
    root = site_dir / FOLDER
    token = digest(packed)[:16]
    for other in root.glob("*"):
        is_wanted = other.name == token or any(Path(place).is_relative_to(other) for place in in_use)
        if other.is_dir() and not is_wanted and time.time() - other.stat().st_mtime > WAITS_SECONDS:
            shutil.rmtree(other)
    with _readable(), zipfile.ZipFile(io.BytesIO(packed)) as archive:
        for entry in _wanted(archive):
            file = root / token / entry.filename
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(archive.read(entry))
    if uploaded(token, site_dir) is None:
        raise ValidationFailed(
            Text(f"压缩包里没有内容包：应有 {FILE}。", f"There is no pack in the zip: it should hold a {FILE}.")
        )
    return token


def uploaded(token: str, site_dir: Path) -> Path | None:
    """The folder of an upload that holds the pack: the zip's own, or the one folder in it."""
    if not TOKEN.match(token):
        return None
    root = site_dir / FOLDER / token
    return next((folder for folder in (root, *sorted(root.glob("*"))) if (folder / FILE).is_file()), None)


@contextmanager
def _readable() -> Iterator[None]:
    """What can be wrong with a zip, said: none at all, damaged, encrypted, packed in an unknown way, two entries in one place."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,
        ValueError,
        FileExistsError,
        NotADirectoryError,
        IsADirectoryError,
    ):
        raise ValidationFailed(
            Text("这不是 zip 文件，或已损坏、加密。", "This is not a zip file, or it is damaged or encrypted.")
        ) from None


def _wanted(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of metadata in the archive; names that would leave the folder are refused."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise TooLarge(
            Text(
                f"压缩包过大：最多 {MOST_FILES} 个文件、{MOST_BYTES // 1_000_000} MB。",
                f"The zip is too large: at most {MOST_FILES} files and {MOST_BYTES // 1_000_000} MB.",
            )
        )
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        is_too_long = any(len(part.encode()) > LONGEST_NAME for part in name.parts)
        if name.is_absolute() or ".." in name.parts or ":" in entry.filename or is_too_long:
            raise ValidationFailed(
                Text(
                    f"压缩包里的文件名不合法：{entry.filename}",
                    f"The zip holds a file name that is not allowed: {entry.filename}",
                )
            )
    return [entry for entry in entries if PurePosixPath(entry.filename).suffix in WANTED]
