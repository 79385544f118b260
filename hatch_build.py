"""The build hook: browser files and print fonts are fetched by lock file when the package is built, never committed.

`pip install .` runs it; a wheel carries the files, so that an offline site installs that wheel. The work is in
`assets/build.py`; a stamp makes every further build quick.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent / "assets"))


class AssetsHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        from build import build_assets

        root = Path(self.root)
        build_assets(root / "assets", root / "server" / "assets", say=self.app.display_info)
        if self.target_name == "wheel" and version != "editable":
            for folder in ("doctypes", "rules", "print_formats", "fixtures", "pack.json"):
                build_data["force_include"][str(root / folder)] = f"server/packs/builtin/{folder}"
