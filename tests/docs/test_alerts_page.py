"""What docs/alerts.md shows is read by the settings, and programs get what its table says."""

from __future__ import annotations

import json
import re

from ruamel.yaml import YAML

from bot.edge.alerts.webhook import SIGNATURE
from bot.edge.alerts.wording import Alert, as_json
from bot.ports import AlertKind
from bot.settings.alerts import AlertsModel
from tests.docs.recipes import DOCS
from tests.samples import NOW

PAGE = (DOCS / "alerts.md").read_text(encoding="utf-8")


def first_column(heading: str) -> set[str]:
    table = PAGE.partition(f"| {heading} | ")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", table, re.M))


def test_the_example_is_read() -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.S | re.M)
    AlertsModel.model_validate(YAML(typ="safe").load(example)["alerts"])
    assert f"`{SIGNATURE}" in PAGE


def test_programs_get_what_the_table_says() -> None:
    alert = Alert(
        alert_id="A", at=NOW, kind=AlertKind.NEW_ITEM, account="shop", text="a letter waits", item=3
    )
    sent = json.loads(as_json([alert], NOW, names=False))
    assert first_column("field") == set(sent) | {f"alerts[].{key}" for key in sent["alerts"][0]}


def test_every_kind_is_told() -> None:
    assert first_column("kind") == {kind.value for kind in AlertKind}
