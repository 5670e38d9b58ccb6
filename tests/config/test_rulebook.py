"""The rulebook is taken as a whole, or refused with everything that is wrong with it."""

import shutil
from pathlib import Path

import pytest

import config
from config.rulebook import RulebookError, load

SHIPPED = Path(config.__file__).parent
TWELVE = (
    "visit sample competitor order_intent stock_check display promotion_check quote order payment complaint "
    "customer_update"
)
FIVE = "visit_plan sample_request expense meeting_todo dealer_promotion"
SHARED = {
    "customer": "customer",
    "contact": "contact",
    "planned": "flag",
    "product": "product",
    "unit": "unit",
    "amount": "money",
    "price": "money",
    "competitor_brand": "competitor",
    "objections": "objections",
    "result": "text",
    "next_step": "text",
    "next_date": "date",
    "reason": "text",
    "expected_date": "date",
    "purpose": "text",
    "owner": "person",
    "due": "date",
    "title": "text",
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("forms", "lexicon"):
        shutil.copytree(SHIPPED / folder, tmp_path / folder)
    return tmp_path


def test_the_shipped_rulebook_has_all_nineteen_forms() -> None:
    assert set(load().forms) == {*TWELVE.split(), *FIVE.split(), "lead", "quotation"}


def test_fields_of_one_name_have_one_type_in_every_form() -> None:
    for form in load().forms.values():
        for field in form.fields:
            if field.id in SHARED and not (
                form.key in ("visit_plan", "dealer_promotion") and field.type == "date"
            ):
                assert field.type == SHARED[field.id], f"{form.key}.{field.id}"


def test_every_field_and_question_is_in_chinese() -> None:
    for form in load().forms.values():
        for words in (form.label, *(f.label for f in form.fields), *(f.ask for f in form.fields if f.ask)):
            assert any("\u4e00" <= c <= "\u9fff" for c in words), (form.key, words)


def test_the_same_content_has_the_same_version(copy: Path) -> None:
    assert load(copy).version == load().version
    (copy / "lexicon/money.yaml").write_text(
        "cues: [货款]\nprices: [单价]\nafter: [货款]\n", encoding="utf-8"
    )
    assert load(copy).version != load().version


def test_all_mistakes_are_told_at_once_with_file_and_line(copy: Path) -> None:
    (copy / "forms/order.yaml").write_text(
        "key: order\nlabel: 下单\ncues:\n  - 订了{goods\n  - 下单\nfields:\n"
        "  - {id: customer, label: 客户, type: customer, required: true}\n"
        "  - {id: status, label: 状态, type: choice}\n",
        encoding="utf-8",
    )
    (copy / "forms/visit.yaml").write_text("key: visit\nlabel: 拜访\ncolour: red\n", encoding="utf-8")
    (copy / "lexicon/units.yaml").write_text("goods: [箱, 12]\nothers: []\nplaces: []\n", encoding="utf-8")
    with pytest.raises(RulebookError) as raised:
        load(copy)
    found = [(p.file, p.line) for p in raised.value.problems]
    assert found == [
        ("forms/order.yaml", 4),
        ("forms/order.yaml", 7),
        ("forms/order.yaml", 8),
        ("forms/visit.yaml", 3),
        ("lexicon/units.yaml", 1),
    ]
    assert all(p.words for p in raised.value.problems)


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("forms/order.yaml", "key: [", "YAML"),
        ("forms/extra.yaml", "key: order\nlabel: 又一个\n", "order.yaml"),
        ("forms/extra.yaml", "key: other\nlabel: 名字不对\n", "文件名"),
        ("forms/extra.yaml", "key: extra\nlabel: 新\nyields_to: [nobody]\n", "没有表单 nobody"),
        ("forms/extra.yaml", "key: extra\nlabel: 新\ncues: ['{colour}色']\n", "colour"),
        ("forms/extra.yaml", "key: extra\nlabel: 新\ncues: ['(一|二']\n", "括号"),
        ("forms/extra.yaml", "key: extra\nlabel: 新\ncues: ['{date}']\n", "固定的词"),
        ("forms/extra.yaml", "- 1\n", "整个文件"),
        ("lexicon/colours.yaml", "red: [红]\n", "没有 colours"),
        ("lexicon/speech.yaml", "fillers: [嗯]\n", "缺少栏目"),
        ("lexicon/words.yaml", "x: !!bool maybe\n", "YAML"),
        ("lexicon/words.yaml", "x: !!timestamp foo\n", "YAML"),
        ("lexicon/words.yaml", "x: !!int ''\n", "YAML"),
        ("lexicon/words.yaml", "on: [开]\n", "栏目名要加引号"),
        ("lexicon/words.yaml", "2026: [今年]\n", "栏目名要加引号"),
        ("lexicon/words.yaml", "~: [无]\n", "栏目名要加引号"),
    ],
)
def test_a_mistake_is_told_in_words_that_help(copy: Path, file: str, text: str, words: str) -> None:
    (copy / file).write_text(text, encoding="utf-8")
    with pytest.raises(RulebookError) as raised:
        load(copy)
    assert any(words in p.words and p.file == file for p in raised.value.problems), raised.value


def test_a_missing_file_of_the_lexicon_is_told(copy: Path) -> None:
    (copy / "lexicon/units.yaml").unlink()
    with pytest.raises(RulebookError, match=r"units\.yaml"):
        load(copy)


def test_how_visits_are_judged_may_be_changed_in_one_file(copy: Path) -> None:
    assert load(copy).authenticity == load().authenticity
    shipped = (SHIPPED / "authenticity.yaml").read_text(encoding="utf-8")
    own = shipped.replace("reach_metres: 300", "reach_metres: 120")
    (copy / "authenticity.yaml").write_text(own, encoding="utf-8")
    changed = load(copy)
    assert changed.authenticity.place.reach_metres == 120
    assert changed.version != load().version


def test_mistakes_in_the_rules_for_visits_are_told_with_their_lines(copy: Path) -> None:
    shipped = (SHIPPED / "authenticity.yaml").read_text(encoding="utf-8").splitlines()
    wrong = {"reach_metres": "很远", "teleport": "600", "shortest_minutes": "-1"}
    expected = []
    for number, line in enumerate(shipped):
        for key, value in wrong.items():
            if line.strip().startswith(f"{key}:"):
                shipped[number] = line.split(":")[0] + f": {value}"
                expected.append(("authenticity.yaml", number + 1))
    (copy / "authenticity.yaml").write_text("\n".join(shipped), encoding="utf-8")
    with pytest.raises(RulebookError) as raised:
        load(copy)
    assert [(p.file, p.line) for p in raised.value.problems] == expected
    assert len(expected) == 3 and all("应当" in p.words or "太" in p.words for p in raised.value.problems)


def test_mistakes_in_the_rules_for_stock_are_told_with_their_lines(copy: Path) -> None:
    shipped = (SHIPPED / "stock.yaml").read_text(encoding="utf-8").splitlines()
    wrong = {"feedback_days": "0", "expiring_days": "很久", "default": "-1"}
    expected = []
    for number, line in enumerate(shipped):
        for key, value in wrong.items():
            if line.strip().startswith(f"{key}:"):
                shipped[number] = line.split(":")[0] + f": {value}"
                expected.append(("stock.yaml", number + 1))
    (copy / "stock.yaml").write_text("\n".join(shipped), encoding="utf-8")
    with pytest.raises(RulebookError) as raised:
        load(copy)
    assert [(p.file, p.line) for p in raised.value.problems] == expected
    assert len(expected) == 3 and all(p.words for p in raised.value.problems)


def test_what_refers_to_other_lines_is_refused_with_its_line(copy: Path) -> None:
    bomb = "\n".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 7))
    (copy / "forms" / "bomb.yaml").write_text(f"a0: &a0 {{x: 1}}\n{bomb}\n", encoding="utf-8")
    with pytest.raises(RulebookError) as refused:
        load(copy)
    (problem,) = refused.value.problems
    assert "不能用 & 和 * 引用" in problem.words and (problem.file, problem.line) == ("forms/bomb.yaml", 2)
