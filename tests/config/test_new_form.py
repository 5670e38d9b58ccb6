"""A new action needs a YAML file and no code."""

import shutil
from pathlib import Path

import config
from config.rulebook import load
from nlu.understanding import understand
from tests.language.company import TUESDAY_EVENING, lexicon, own

FREEZER = """
key: freezer_loan
label: 冰箱投放
cues: ["投放[了]…{number}…冰箱", "投放[了]冰箱"]
fields:
  - {id: customer, label: 客户, type: customer, required: true, ask: 投放在哪家客户？}
  - {id: quantity, label: 台数, type: number}
  - {id: deposit, label: 押金, type: money, required: true, ask: 押金收了多少？}
"""


def test_an_action_that_operations_add_is_understood(tmp_path: Path) -> None:
    for folder in ("forms", "lexicon"):
        shutil.copytree(Path(config.__file__).parent / folder, tmp_path / folder)
    (tmp_path / "forms/freezer_loan.yaml").write_text(FREEZER, encoding="utf-8")
    units = tmp_path / "lexicon/units.yaml"
    units.write_text(
        units.read_text(encoding="utf-8").replace("places: [", "places: [冰箱, "), encoding="utf-8"
    )
    meaning = understand(
        "在惠民超市朝阳店投放了两台冰箱，押金五百",
        now=TUESDAY_EVENING,
        lexicon=lexicon(),
        rulebook=load(tmp_path),
        own=own(),
    )
    (record,) = meaning.intents
    assert {name: said.value for name, said in record.fields.items()} == {
        "customer": "C0001",
        "quantity": 2,
        "deposit": 500,
    }
