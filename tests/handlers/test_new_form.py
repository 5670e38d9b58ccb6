"""A form that exists only as YAML, published while the bot runs: from the first word to the export."""

import io
from pathlib import Path

from bot import exports
from handlers import publishing
from nlu.senses.workers import SensePool
from tests.alerts.shop import ZONE
from tests.conftest import TestClock
from tests.world import World, world

FREEZER = """
key: freezer_loan
label: 冰箱投放
cues: ["投放[了]…{number}…冰箱", "投放[了]冰箱"]
checks:
  - {must: deposit <= 5000, words: 押金最多收5000元。}
fields:
  - {id: customer, label: 客户, type: customer, required: true, ask: 投放在哪家客户？}
  - {id: quantity, label: 台数, type: number, required: true, ask: 投放了几台？}
  - {id: deposit, label: 押金, type: money, required: true, ask: 押金收了多少？}
  - {id: reason, label: 投放原因, type: text, ask: 投放超过一台，原因是什么？, required_when: quantity > 1}
  - {id: status, label: 状态, type: choice, default: lent, choices: [{key: lent, label: 已投放}]}
"""
ALERT = """
key: freezer
label: 冰箱投放
about: record
triggers: [freezer_loan]
when: quantity > 1 and customer.level == "A"
tell: [manager]
words: "{reporter}在「{customer}」投放了{quantity}台冰箱，押金{deposit}元"
"""


def publish(there: World) -> None:
    with there.house.store.write() as session:
        held = there.house.knowledge.in_force(session)
        units = held.files["lexicon/units.yaml"].decode().replace("places: [", "places: [冰箱, ")
        files = {
            **held.files,
            "forms/freezer_loan.yaml": FREEZER.encode(),
            "alerts/freezer.yaml": ALERT.encode(),
            "lexicon/units.yaml": units.encode(),
        }
        draft = publishing.draft(session, files, held, who="P202", why="投放冰箱", now=there.clock())
        publishing.publish(session, draft.row.id or 0, held, who="P202", now=there.clock())
    there.house.knowledge.look_again()


def test_a_form_that_is_only_yaml_goes_from_the_first_word_to_the_export(
    tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        publish(there)
        there.say("liwei", "在惠民超市朝阳店投放了两台冰箱")
        assert "押金收了多少？" in there.last("liwei")
        there.say("liwei", "六千块")
        assert "原因是什么" in there.last("liwei")
        there.say("liwei", "旧的坏了")
        there.tap("liwei", "确认")
        assert "押金最多收5000元" in there.last("liwei")
        there.say("liwei", "押金改成800")
        card = str(there.cards("liwei")[-1])
        for part in ("冰箱投放", "惠民超市朝阳店", "¥800.00", "旧的坏了", "已投放"):
            assert part in card
        there.tap("liwei", "确认")
        assert "李伟在「惠民超市朝阳店」投放了2台冰箱，押金800元" in there.last("d-zhoujianguo")
        with there.house.store.read() as session:
            form = there.house.knowledge.in_force(session).rules.forms["freezer_loan"]
            found = exports.records(session, "freezer_loan", since=None, zone=ZONE)
            out = io.BytesIO()
            exports.csv_file(found, form, out)
        titles, row = out.getvalue().decode("utf-8-sig").splitlines()[:2]
        told = dict(zip(titles.split(","), row.split(","), strict=False))
        assert (told["form"], told["quantity"], told["deposit"], told["reason"]) == (
            "freezer_loan",
            "2",
            "800",
            "旧的坏了",
        )
        assert (told["data.status"], told["reporter"]) == ("lent", "P101")
