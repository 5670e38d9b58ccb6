"""Who is meant by 小李, 老周, 敏敏, 孙会计, 周经理 or 我: one colleague of the roster, several, or nobody we know."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from domain.intents.records import Said
from domain.people import Person
from nlu.language.sounds import sound

_ROLE_TITLES = {
    "经理": ("manager", "director"),
    "总": ("director", "manager"),
    "总监": ("director",),
    "主管": ("manager",),
    "会计": ("finance",),
    "出纳": ("finance",),
    "财务": ("finance",),
    "老师": ("trainer",),
    "工": ("admin",),
    "运营": ("operations",),
}
"""By title → the roles that it may belong to. 姐 and 哥 may be anybody."""
_FAMILIAR = ("姐", "哥")
_DOUBLE = ("欧阳", "司马", "上官", "诸葛", "慕容", "司徒", "端木", "东方")


@dataclass(frozen=True)
class Roster:
    """The colleagues by every word that names them. One id where it is clear, several where it is not."""

    names: dict[str, tuple[str, ...]]
    full: dict[str, str]
    """Full name → id, for names heard wrongly."""

    @property
    def words(self) -> frozenset[str]:
        return frozenset(self.names)

    def who(self, words: str) -> tuple[str, ...]:
        """The ids that the words may mean, none where no colleague is called so."""
        words = words.strip("@ ,，。：:（）()")
        if found := self.names.get(words):
            return found
        heard = [p for name, p in self.full.items() if len(name) == len(words) and _sounds(name, words)]
        return tuple(dict.fromkeys(heard)) if len(words) >= 2 else ()


def _sounds(name: str, words: str) -> bool:
    return name[0] == words[0] and sound(name) == sound(words)


def roster_of(people: Iterable[Person]) -> Roster:
    """What the people themselves give (names, nicknames) comes before what is made of their surnames."""
    given: defaultdict[str, list[str]] = defaultdict(list)
    made: defaultdict[str, list[str]] = defaultdict(list)
    full: dict[str, str] = {}
    for person in people:
        if len(person.name) < 2:
            continue
        full[person.name] = person.id
        for word in (person.name, *person.nicknames):
            if len(word) >= 2:
                given[word].append(person.id)
        for word in _made(person):
            made[word].append(person.id)
    names = {word: tuple(dict.fromkeys(ids)) for word, ids in given.items()}
    for word, ids in made.items():
        names.setdefault(word, tuple(dict.fromkeys(ids)))
    return Roster(names, full)


def _made(person: Person) -> set[str]:
    """小李, 老李, 李哥, 伟哥, 阿伟, 伟伟, 周经理, 周总: how a colleague of this name and role may be called."""
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", person.name):
        return set()
    surname = person.name[: 2 if person.name.startswith(_DOUBLE) and len(person.name) > 2 else 1]
    own = person.name[len(surname) :]
    words = {f"{before}{surname}" for before in "小老阿大"} if len(surname) == 1 else set()
    words |= {f"{surname}{title}" for title in _FAMILIAR}
    words |= {f"{own[-1]}{title}" for title in ("姐", "哥")}
    words |= {own[-1] * 2, f"阿{own[-1]}", f"小{own[-1]}"}
    words |= {f"{surname}{t}" for t, roles in _ROLE_TITLES.items() if person.role in roles}
    return words | ({own} if len(own) >= 2 else set())


def said_owner(ids: tuple[str, ...], words: str) -> Said | None:
    """The owner as a record keeps it: the one who is meant, the ones to choose from, or a name nobody knows."""
    if len(ids) == 1:
        return Said(value=ids[0], words=words)
    return Said(value=None, words=words, alternatives=ids) if words else None


@lru_cache(maxsize=8)
def unknown_name(surnames: tuple[str, ...], titles: tuple[str, ...]) -> re.Pattern[str]:
    """Somebody's name as it looks: a surname with one or two letters, or with a title."""
    surname = "|".join(sorted(map(re.escape, surnames), key=len, reverse=True))
    title = "|".join(sorted(map(re.escape, titles), key=len, reverse=True))
    return re.compile(rf"(?:{surname})(?:[\u4e00-\u9fff]{{0,2}}(?:{title})|[\u4e00-\u9fff]{{1,2}})")
