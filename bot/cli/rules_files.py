"""What the commands of `rejoinder rules` share: the files of the home, or the shipped ones outside of any."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.session import Session

if TYPE_CHECKING:
    from bot.edge.home import Loaded


def rules_of(session: Session) -> Loaded:
    """Everything that holds in the home that is meant, else what is shipped. Raises ConfigurationError."""
    from bot.edge.files import SETTINGS_FILE
    from bot.edge.home import load_home

    here = (Path.cwd() / SETTINGS_FILE).is_file()
    if session.home_flag is not None or os.environ.get("REJOINDER_HOME") or here:
        return load_home(session.home())
    return shipped_rules()


def shipped_rules() -> Loaded:
    """What is shipped, as in a home of nobody."""
    from bot.edge.files import SETTINGS_FILE
    from bot.edge.home import load_home

    with tempfile.TemporaryDirectory(prefix="rejoinder-") as folder:
        (Path(folder) / SETTINGS_FILE).write_text("accounts: {}\n", encoding="utf-8")
        return load_home(Path(folder), environment={})
