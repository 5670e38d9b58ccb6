"""Schedules as files: what is wrong is told with its file, its line and what to do."""

import pytest

from config import rulebook
from config.rulebook import RulebookError

NAME = "schedules/follow_up.yaml"


def problems(old: str, new: str, name: str = NAME) -> list[str]:
    files = rulebook.files()
    text = files[name].decode()
    assert old in text
    with pytest.raises(RulebookError) as error:
        rulebook.read({**files, name: text.replace(old, new).encode()})
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (
            "visit.next_date",
            "visit.nextdate",
            6,
            "visit.nextdate 不是日期。请写 表单.字段，如 visit.happened_at（时间）、visit.next_date（下次日期）",
        ),
        ("kind: date", "kind: someday", 6, "kind 应当是 daily、weekly、monthly、date、event 之一"),
        ("[person]", "[people]", 8, "没有 people 这种人，可用的是"),
        ("[person]", "[rep]", 8, "有日期的提醒请写 person"),
        ("{下一步}", "{下一部}", 10, "{下一部} 不认识，可用的是 {姓名}"),
        ('at: "08:10"', 'at: "25:10"', 6, "when.at"),
        ("times: 2", "times: 99", 15, "repeat.times：太大了"),
        ("jitter: 8", "jiter: 8", 12, "没有这个设置项"),
        ("key: follow_up", "key: other", 2, "文件名应为 other.yaml"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_remedy(old: str, new: str, line: int, said: str) -> None:
    assert any(words.startswith(f"{NAME}:{line}: ") and said in words for words in problems(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("content: day_plan", "content: day_plans", "没有内容 day_plans，可用的是 day_plan（当天的计划"),
        ("{content: day_plan}", "{}", "二选一"),
        ("whom: [rep]", "whom: [owner]", "请写角色"),
    ],
)
def test_what_is_about_no_date_goes_to_roles_and_says_what_there_is(old: str, new: str, said: str) -> None:
    assert any(said in words for words in problems(old, new, "schedules/morning_plan.yaml"))


def test_a_rulebook_of_ones_own_without_schedules_has_the_shipped_ones_as_far_as_its_forms_go() -> None:
    shipped = rulebook.load()
    assert {"morning_plan", "follow_up", "birthday"} <= set(shipped.schedules)
    assert rulebook._forms_named(rulebook.files()[NAME]) == {"visit"}
    assert rulebook._forms_named(rulebook.files()["schedules/birthday.yaml"]) == set()
