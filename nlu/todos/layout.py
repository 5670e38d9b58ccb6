"""How minutes are laid out: headings, lists, tables, key lines, and who speaks. Lines in, items out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from domain.forms import Rulebook

Section = Literal["", "open", "closed", "talk"]

_CHAPTER = re.compile(r"^(?:[一二三四五六七八九十]{1,3}[、.．]|[(（][一二三四五六七八九十]{1,3}[)）])")
_NUMBER = (
    r"\d{1,2}[.、)）．]\s?(?!\d)|[(（]\d{1,2}[)）]|[①-⑳]"
    r"|[一二三四五六七八九十]{1,3}[、.．]|[(（][一二三四五六七八九十]{1,3}[)）]"
)
_BULLET = r"[-*•·▪●○◦►➤–—]\s*(?![-*]{2})|\[[ xX√✓]\]|[☐☑✅✔✓□■]"
_COUNTED = r"(?:事项|任务|待办|行动项?|第)[一二三四五六七八九十\d]{1,2}(?:[：:、]|[条件项个][：:，,、是])"
_MARKER = re.compile(rf"\s*(?:\[[xX√✓]\]|[☑✅✔✓]|{_COUNTED}|{_NUMBER}|{_BULLET})\s*")
_INLINE = re.compile(
    r"(?:(?<=^)|(?<=[。；;，,：:、\s]))(?:\d{1,2}[.、)）．](?!\d)|[(（]\d{1,2}[)）]|[①-⑳]"
    r"|第[一二三四五六七八九十][、，,：:]|第[一二三四五六七八九十](?:个|条|件|项)[是，,：:]?|[一二三四五六七八九十]是)\s*"
)
_TICKED = re.compile(r"^[\s\d.、]*(?:[-*•]\s*)?(?:\[[xX√✓]\]|[☑✅✔✓])")
_OF_TEAM = re.compile(r"^[^（(]{2,8}[（(](?P<who>[^）)]{2,4})[）)]$")
_DATED = re.compile(r"(?P<day>\d{1,2}[.．]\d{1,2})[\s：:]+(?=\D)")
_DRESS = re.compile(r"^[#>\s]+|\*\*|__|^【|[】]$")
_HEADED = re.compile(r"^(?P<head>[^：:。；，,]{1,24}?)\s*[：:]\s*(?P<rest>.*)$")
_STAMPED = re.compile(
    r"^(?P<who>[^\s\d：:]{1,8})\s+(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}\s+)?\d{1,2}:\d{2}(?::\d{2})?\s*[：:]?$"
)
_SENTENCES = re.compile(r"[^。；;！!？?\n]+[。；;！!？?]?")
_RULE = re.compile(r"^[\s|:\-—_=+]+$")
_TALKED = re.compile(r"^(?:好|行|收到|没问题|嗯|ok|可以|明白|知道了)|[你吗呢？?]|我", re.IGNORECASE)
_PADDING = re.compile(r"[\d一二三四五六七八九十、.．()（）：:\s#*【】\[\]月日号年/-]|的")
_TODO_NUMBER = re.compile(r"^(?:待办|任务|事项|行动项)\s*[\d一二三四五六七八九十]+\s*[：:]?$")


@dataclass(frozen=True)
class Item:
    """One sentence of the minutes, and what its place says of it."""

    text: str
    section: Section = ""
    listed: bool = False
    """Stands in a list or a table, so that it is a matter of its own."""
    owner: str = ""
    """Who is named beside the item: in a cell, a key line, or the heading above."""
    due: str = ""
    speaker: str = ""
    """Who says it, in a transcript."""


@dataclass
class Layout:
    """The items of the minutes in their order, and the words that are about all of them."""

    items: list[Item] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    """Headings and their first words (日期：3月9日), which may tell the day of the meeting."""


@dataclass
class _Reader:
    rulebook: Rulebook
    people: frozenset[str]
    out: Layout = field(default_factory=Layout)
    section: Section = ""
    owner: str = ""
    speaker: str = ""
    transcript: bool = False
    columns: tuple[str, ...] = ()
    owner_lines: bool = False
    """Whether 责任人：张敏 stands above the matters rather than below each."""

    def words(self, name: str) -> tuple[str, ...]:
        return self.rulebook.words("todos", name)

    # lines ----------------------------------------------------------------------------------------------------

    def line(self, raw: str) -> None:
        line = _DRESS.sub("", raw.strip()).strip()
        if not line or _RULE.match(line):
            return
        cells = _cells(raw)
        if len(cells) >= 2 and (self.columns or self._header(cells)):
            if self.columns and not self._header(cells):
                self._row(cells)
            else:
                self.columns = tuple(self._column(c) for c in cells)
            return
        self.columns = ()
        ticked = bool(_TICKED.match(line))
        bare, listed = _without_marker(line)
        if _CHAPTER.match(line) and self._is_chapter(bare):
            self.section, self.owner = self.kind_of(bare) or "", ""
            self.out.headings.append(bare)
            return
        if not listed and bare in self.people:
            self._named(bare, "", listed=False, ticked=False)
            return
        if stamped := _STAMPED.match(bare):
            self.speaker, self.transcript = stamped["who"], True
            return
        if _TODO_NUMBER.match(bare):
            self.section = "open"
            return
        if self._headed(bare, listed, ticked):
            return
        dated = _DATED.match(bare)
        self.add(bare[dated.end() :] if dated else bare, listed=listed or bool(dated), ticked=ticked)
        if dated:
            self._complete(due=dated["day"])

    def _is_chapter(self, line: str) -> bool:
        """二、存在问题: the heading of what follows, nothing to do by itself."""
        short = len(line) <= 12 and not re.search("[：:，,。；;]", line)
        return short and not any(line.startswith(a) for a in (*self.words("actions"), *self.people))

    def _headed(self, line: str, listed: bool, ticked: bool) -> bool:
        """Take a heading, a key line, or a line that begins with somebody's name; whether it was one of them."""
        match = _HEADED.match(line)
        head, rest = (match["head"].strip(), match["rest"].strip()) if match else (line, "")
        if self._key(head, rest, match is not None):
            return True
        bare = _PADDING.sub("", re.sub(r"[（(].*?[)）]", "", head))
        kind = self.kind_of(head) if match or len(bare) <= 16 else None
        if kind is not None and (match or self._is_heading(head, listed)):
            self.section, self.owner, self.speaker = kind, "", ""
            self.out.headings.append(head)
            if rest:
                self.add(rest, listed=False, ticked=False)
            return True
        team = _OF_TEAM.match(head)
        name = team["who"] if team else head.strip("@")
        if match and name in self.people:
            self._named(name, rest, listed, ticked)
            return True
        return False

    def _key(self, head: str, rest: str, colon: bool) -> bool:
        """责任人：李伟 belongs to the item before it; 参会人：… to none."""
        if not colon:
            return False
        name = head.lower()
        items = self.out.items
        if name in self.words("owners") and rest:
            if self.owner_lines or not items or not items[-1].listed or items[-1].section != self.section:
                self.owner, self.owner_lines = rest, True
            else:
                self._complete(owner=rest)
        elif items and name in self.words("dues") and rest and items[-1].listed:
            self._complete(due=rest)
        elif name in self.words("titles") and rest and name not in self.words("open"):
            self.add(rest, listed=True, ticked=False)
        elif name in self.words("about"):
            self.out.headings.append(f"{head}：{rest}")
        else:
            return False
        return True

    def _complete(self, owner: str = "", due: str = "") -> None:
        """What a line of its own says of the item before it."""
        if self.out.items:
            last = self.out.items[-1]
            self.out.items[-1] = replace(last, owner=owner or last.owner, due=due or last.due)

    def _named(self, name: str, rest: str, listed: bool, ticked: bool) -> None:
        if self.transcript:
            self.speaker = name
            self.add(rest, listed=False, ticked=False)
        elif rest:
            self.add(rest, listed=listed or not self.transcript, ticked=ticked, owner=name)
        else:
            self.owner = name

    def _is_heading(self, head: str, listed: bool) -> bool:
        """更新任务 in a list is a matter; 销售例会纪要 on a line of its own is a heading."""
        rest = _PADDING.sub("", re.sub(r"[（(].*?[)）]", "", head)).lower()
        for word in sorted(
            (*self.words("open"), *self.words("closed"), *self.words("talk")), key=len, reverse=True
        ):
            rest = rest.replace(word, "", 1)
        return len(rest) <= (0 if listed else 8) and not any(name in head for name in self.people)

    def kind_of(self, head: str) -> Section | None:
        """Which sort of section a heading opens; None where it is no heading that we know."""
        bare = _PADDING.sub("", re.sub(r"[（(].*?[)）]", "", head)).lower()
        kinds: tuple[Section, ...] = ("closed", "open", "talk")
        for kind in kinds:
            if any(bare == w or bare.endswith(w) for w in self.words(kind)):
                return kind
        opens = any(bare.startswith(w) for w in self.words("open") if len(w) > 2)
        return "open" if opens and len(bare) <= 14 else None

    # items ----------------------------------------------------------------------------------------------------

    def add(self, text: str, *, listed: bool, ticked: bool, owner: str = "") -> None:
        for part, numbered in _enumerated(text):
            inner = self._inner_heading(part) if not listed and not numbered else part
            for sentence in _SENTENCES.findall(inner):
                if sentence.strip():
                    self.out.items.append(
                        Item(
                            sentence.strip(),
                            "closed" if ticked else self.section,
                            listed or numbered,
                            owner or ("" if self.transcript else self.owner),
                            speaker=self.speaker,
                        )
                    )

    def _inner_heading(self, text: str) -> str:
        """…：李伟… in running text: a heading within the line."""
        match = _HEADED.match(text)
        if match and match["rest"] and (kind := self.kind_of(match["head"])) is not None:
            self.section = kind
            self.out.headings.append(match["head"])
            return match["rest"]
        return text

    # tables ---------------------------------------------------------------------------------------------------

    def _header(self, cells: list[str]) -> bool:
        named = [self._column(c) for c in cells]
        return "titles" in named and ("owners" in named or "dues" in named)

    def _column(self, cell: str) -> str:
        name = cell.strip("* ").lower()
        return next((k for k in ("titles", "owners", "dues", "states") if name in self.words(k)), "")

    def _row(self, cells: list[str]) -> None:
        row = dict(zip(self.columns, cells, strict=False))
        if not row.get("titles"):
            return
        state = row.get("states", "")
        closed = any(w in state for w in ("完成", "取消", "done", "关闭")) and "未" not in state
        self.out.items.append(
            Item(
                row["titles"],
                "closed" if closed else "open",
                True,
                row.get("owners", ""),
                row.get("dues", ""),
            )
        )


def layout_of(text: str, rulebook: Rulebook, people: frozenset[str]) -> Layout:
    """The items of `text`. `people` are the words by which colleagues may be named."""
    reader = _Reader(rulebook, people)
    lines = text.replace("\r", "\n").split("\n")
    reader.transcript = _is_transcript(lines, people)
    for line in lines:
        reader.line(line)
    return reader.out


def _is_transcript(lines: list[str], people: frozenset[str]) -> bool:
    """Whether names before a colon tell who speaks rather than who is to act."""
    talks = 0
    for line in lines:
        match = _HEADED.match(line.strip())
        if match and match["head"].strip() in people and _TALKED.search(match["rest"]):
            talks += 1
    return talks >= 2


def _cells(raw: str) -> list[str]:
    line = raw.strip("\n")
    if "|" in line or "｜" in line:
        return [c.strip() for c in re.split("[|｜]", line.strip().strip("|｜"))]
    return [c.strip() for c in line.split("\t")] if "\t" in line.strip() else []


def _without_marker(line: str) -> tuple[str, bool]:
    listed = False
    while (match := _MARKER.match(line)) and match.end():
        line, listed = line[match.end() :], True
    return line.strip(), listed


def _enumerated(text: str) -> Iterator[tuple[str, bool]]:
    """1.… 2.… within one line, 第一，…第二，…, 一是…二是…: one part each."""
    marks = list(_INLINE.finditer(text))
    if len(marks) < 2:
        yield text, False
        return
    if head := text[: marks[0].start()].strip():
        yield head, False
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        yield text[mark.end() : following.start() if following else len(text)].strip(), True
