"""The table of docs/settings.md and the example file say what the program takes, no more and no less."""

import re
from pathlib import Path

import yaml
from pydantic_core import PydanticUndefined

from config import settings

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([a-z_.]+)` \|([^|\n]*)\|([^|\n]*)\|$", re.MULTILINE)
KEYS = {".".join(key): field for key, field in settings.keys().items()}
SECRETS = {".".join(key) for key in settings.secret_keys()}


def rows() -> dict[str, tuple[str, str]]:
    """Default and meaning of each key, as the table has them."""
    found = ROW.findall((ROOT / "docs" / "settings.md").read_text(encoding="utf-8"))
    return {key: (default.strip(), meaning) for key, default, meaning in found}


def test_the_table_has_every_key_once_and_no_other() -> None:
    assert set(rows()) == set(KEYS)


def test_a_required_key_is_called_required_and_no_other_is() -> None:
    required = {key for key, field in KEYS.items() if field.default is PydanticUndefined}
    assert {key for key, (default, _) in rows().items() if default == "required"} == required


def test_the_defaults_of_the_table_are_those_of_the_program() -> None:
    shown = {key: default.strip("`") for key, (default, _) in rows().items() if default.startswith("`")}
    assert shown
    assert shown == {key: str(KEYS[key].default) for key in shown}


def test_a_default_that_is_not_empty_is_told() -> None:
    told = {key for key, (default, _) in rows().items() if default}
    assert (
        not {key for key, field in KEYS.items() if isinstance(field.default, str | int) and field.default}
        - told
    )


def test_secrets_are_marked_and_nothing_else_is() -> None:
    example = {key for key, (_, meaning) in rows().items() if "*secret*" in meaning}
    assert example == SECRETS


def test_the_example_file_names_only_keys_that_exist() -> None:
    tree = yaml.safe_load((ROOT / "xiaofang.example.yaml").read_text(encoding="utf-8"))
    named = {
        f"{section}.{key}" if key else section
        for section, inside in tree.items()
        for key in (inside if isinstance(inside, dict) else [""])
    }
    assert named <= set(KEYS) | {f"{key}_file" for key in SECRETS}
