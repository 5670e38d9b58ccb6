"""`rulebook test` and `rulebook lessons`: sentences against a rulebook, and what people put right."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from sqlmodel import select

import config
from bot.knowledge import with_aliases
from bot.rulebook_cases import CaseError, differences, read_cases
from domain.forms import Rulebook
from domain.learning import LearnedWord, with_cues
from domain.people import Customer
from nlu.language.lexicon import Lexicon
from nlu.teaching import Trial, taught, tried
from nlu.understanding import understand
from storage.learning_tables import LessonRow
from tests.conftest import TestClock
from tests.language.company import SHANGHAI, TUESDAY_EVENING, lexicon, rulebook
from tests.world import world

SAMPLES = Path(config.__file__).parent / "cases"


def case_file(folder: Path, text: str) -> Path:
    path = folder / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def told(folder: Path, text: str) -> list[str]:
    cases, _ = read_cases(case_file(folder, text), SHANGHAI)
    return [line for case in cases for line in differences(case, rulebook(), lexicon())]


def test_the_sample_cases_hold() -> None:
    for path in SAMPLES.glob("*.yaml"):
        cases, names = read_cases(path, SHANGHAI)
        assert names is not None
        assert len(cases) >= 4
        assert [line for case in cases for line in differences(case, rulebook(), names)] == []


def test_each_difference_is_told_by_its_field(tmp_path: Path) -> None:
    said = (
        "- text: 惠民超市朝阳店订了60箱原味酸奶\n  records:\n    - order: {customer: C0001, product: SKU-YW"
    )
    assert told(tmp_path, said + ", quantity: 60, unit: 箱}") == []
    assert told(tmp_path, said + ", quantity: 50, unit: 箱}") == ["「下单/补货」的数量是 60，应当是 50"]
    assert told(tmp_path, said + ", quantity: 60}") == ["「下单/补货」的单位多出来 箱"]
    missing = told(tmp_path, said + ", quantity: 60, unit: 箱}\n    - visit: {customer: C0001}")
    assert missing == ["少了「拜访」"]
    asked = told(tmp_path, said + ", quantity: 60, unit: 箱}\n  question: customer")
    assert asked == ["问的是 （不问），应当是 customer"]


@pytest.mark.parametrize("text", ["a: [", "- 5", "- text: 你好", "- text: 你好\n  records: [5]", "cases: 3"])
def test_a_file_that_holds_no_cases_is_refused_in_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(CaseError, match=r"cases\.yaml"):
        read_cases(case_file(tmp_path, text), SHANGHAI)


def test_what_a_rep_corrects_and_confirms_is_kept_as_a_case(tmp_path: Path, clock: TestClock) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock) as there:
        there.say("liwei", "铺了两箱原味酸奶样品")  # its question is answered: no misunderstanding
        there.say("liwei", "佳美便利店")
        there.say("liwei", "确认")
        there.say("liwei", "惠民超市朝阳店订了50箱原味酸奶")
        there.say("liwei", "改成60箱")
        there.say("liwei", "确认")
        there.say("liwei", "拜访了永旺超市望京店，订了10箱纯牛奶，铺了两箱草莓酸奶样品")
        there.say("liwei", "样品那条不要了")
        there.say("liwei", "确认")
        with there.house.store.read() as session:
            first, second = session.exec(select(LessonRow)).all()
    assert first.text == "惠民超市朝阳店订了50箱原味酸奶"
    assert first.proposed == [{"order": {**first.corrected[0]["order"], "quantity": 50}}]
    assert first.corrected[0]["order"]["quantity"] == 60
    assert [next(iter(r)) for r in second.proposed] == ["visit", "order", "sample"]
    assert [next(iter(r)) for r in second.corrected] == ["visit", "order"]
    saved = [{"text": first.text, "now": first.told_at.isoformat(), "records": first.corrected}]
    cases, _ = read_cases(case_file(tmp_path, yaml.safe_dump(saved, allow_unicode=True)), SHANGHAI)
    assert differences(cases[0], rulebook(), lexicon()) == ["「下单/补货」的数量是 50，应当是 60"]


def word(words: str, target: str) -> LearnedWord:
    return LearnedWord(kind="cue" if target.startswith("form:") else "alias", target=target, words=words)


def test_taught_cues_change_the_version_and_nothing_else() -> None:
    before = rulebook()
    after = with_cues(before, [word("塞了货", "form:sample")])
    assert after.version != before.version
    assert after.forms["sample"].cues == (*before.forms["sample"].cues, "塞了货")
    assert with_cues(before, [word("塞了货", "form:gone")]) is before
    assert with_cues(before, []) is before


def test_a_taught_alias_is_a_name_like_any_other() -> None:
    names = {"customers": [Customer(code="C1", name="惠民超市朝阳店", owner_id="P101")], "people": []}
    merged = with_aliases(names, [word("小惠民", "customer:C1"), word("没了", "customer:C9")])
    found = understand(
        "小惠民订了20箱", now=TUESDAY_EVENING, lexicon=Lexicon.build(merged["customers"]), rulebook=rulebook()
    )
    assert found.intents[0].fields["customer"].value == "C1"


def test_a_word_that_would_change_too_much_is_seen_before_it_is_learned() -> None:
    texts = [f"今天第{n}站蹲点半晌" for n in range(8)]
    trial = tried(word("蹲点", "form:visit"), texts, 30, TUESDAY_EVENING, lexicon(), rulebook())
    assert trial.changed == 8
    assert len(trial.examples) == 3
    assert trial.too_common
    assert not Trial(changed=8, total=100).too_common


@pytest.mark.parametrize(
    "text",
    [
        "以后再说",
        "今天就是去了惠民超市朝阳店",
        "王经理就是老板",
        "1+1=2",
        "他说价格就是贵",
        "下周就是月底",
        "以后拜访就是他的事",
    ],
)
def test_ordinary_words_teach_nothing(text: str) -> None:
    assert taught(text, TUESDAY_EVENING, lexicon(), rulebook()) is None


@pytest.mark.parametrize(
    ("text", "words", "target"),
    [
        ("以后“小惠民”就是惠民超市朝阳店", "小惠民", "customer:C0001"),
        ("“铺货”也算样品发放", "铺货", "form:sample"),
        ("别名：伟哥=李伟", "伟哥", "person:P101"),
        ("老酸=原味酸奶", "老酸", "product:SKU-YW"),
        ("以后说大蒙就是蒙牛", "大蒙", "competitor:蒙牛"),
        ("惠民超市朝阳店也叫“小惠民”", "小惠民", "customer:C0001"),
    ],
)
def test_a_lesson_is_understood_however_it_is_put(text: str, words: str, target: str) -> None:
    found = taught(text, TUESDAY_EVENING, lexicon(), rulebook())
    if "也叫" in text and found is None:
        pytest.fail("the turned order is not understood")
    assert found is not None
    assert found.problem == ""
    assert found.word == word(words, target)


def test_the_time_of_a_lesson_is_that_of_the_message(tmp_path: Path) -> None:
    path = case_file(tmp_path, "- text: 明天去惠民超市朝阳店\n  now: 2026-03-10T18:00\n  records: []")
    (case,), _ = read_cases(path, SHANGHAI)
    assert case.now == datetime(2026, 3, 10, 10, 0, tzinfo=UTC)


def test_a_rulebook_is_asked_as_it_is_given(tmp_path: Path) -> None:
    cases, _ = read_cases(
        case_file(tmp_path, "- text: 塞了货，两箱原味酸奶\n  records: [sample: {}]"), SHANGHAI
    )
    taught_rules: Rulebook = with_cues(rulebook(), [word("塞了货", "form:sample")])
    assert differences(cases[0], rulebook(), lexicon())
    assert not any("少了" in line for line in differences(cases[0], taught_rules, lexicon()))
