"""Cues that count for nothing, or for less: forbidden, denied, or only thought of."""

import re
from dataclasses import replace

from domain.forms import Rulebook
from nlu.language.matching import Compiled, Match, word_pattern
from nlu.language.spans import LETTERS, Scan

_TOUCHING = 6
"""How near a negative must stand to a cue of its clause, in letters of the masked text."""


def void(match: Match, scan: Scan, negatives: list[Match], rulebook: Rulebook) -> bool:
    first, last = min(match.solid), max(match.solid)
    clause = scan.soft_clause(first)
    if _buyer(match, scan) or _arrival(match, scan) or _delivery(match, scan) or _signs(match, scan):
        return True
    for negative in negatives:
        if negative.key != match.key or not clause[0] <= negative.start <= clause[1]:
            continue
        if negative.start - _TOUCHING <= last and first <= negative.end + _TOUCHING:
            return True
    return _negated(scan.masked, first, rulebook)


_BUYER = re.compile(
    f"采购(?=[{LETTERS['contact']}{LETTERS['person']}]|那边|部|说|在|不在|经理|主管|合同|计划|流程)"
)


def _buyer(match: Match, scan: Scan) -> bool:
    """采购李姐: the buyer is somebody, nothing is bought."""
    return any(match.solid & set(range(*m.span())) for m in _BUYER.finditer(scan.masked))


def _arrival(match: Match, scan: Scan) -> bool:
    """明儿一早就得到: the goods must be there; whoever must be somewhere names the place."""
    if match.key != "visit" or not re.search("(?:得|要|能|会)到$", scan.masked[match.start : match.end]):
        return False
    start, end = scan.soft_clause(match.start)
    return match.end >= end and LETTERS["customer"] not in scan.masked[start:end]


_CARRIED = re.compile(
    f"(?:送|发|带|拿|寄|捎|配|拉|退|换|调|补|运)[^，。；]*[{LETTERS['product']}{LETTERS['quantity']}]"
)


def _delivery(match: Match, scan: Scan) -> bool:
    """让我们明天送10箱过去: goods go there, and nobody says that the rep does."""
    words = scan.masked[match.start : match.end]
    return (
        match.key == "visit" and words.endswith(("过去", "过来", "去", "来")) and bool(_CARRIED.search(words))
    )


_SIGNS = ("套", "张", "副", "幅", "块")


def _signs(match: Match, scan: Scan) -> bool:
    """价签老掉，让补两套: sets and sheets without a product are no goods."""
    named = [scan.by_place[i] for i in match.solid if i in scan.by_place]
    return match.key == "order" and any(
        s.kind == "quantity" and s.value.unit in _SIGNS and not any(o.kind == "product" for o in named)
        for s in named
    )


def doubted(matches: list[Match], scan: Scan, cues: Compiled, rulebook: Rulebook) -> list[Match]:
    """What is only thought of is what the form says that it then is: 可能要50箱 is an intent, no order."""
    keys = {m.key for m in matches if rulebook.forms[m.key].doubtful}
    doubts = list(cues.doubts.find(scan.masked, keys)) if keys else []
    if not doubts:
        return matches
    certainties = list(cues.certainties.find(scan.masked, keys))
    return [
        replace(m, key=rulebook.forms[m.key].doubtful)
        if rulebook.forms[m.key].doubtful and _in_doubt(m, matches, scan, doubts, certainties)
        else m
        for m in matches
    ]


def _in_doubt(
    match: Match, matches: list[Match], scan: Scan, doubts: list[Match], certainties: list[Match]
) -> bool:
    """Whether a doubt stands in the cue's own clause, or in one of its sentence that speaks of nothing else."""
    first = min(match.solid)
    clause, sentence = scan.soft_clause(first), scan.sentence(first)
    if any(c.key == match.key and clause[0] <= c.start <= clause[1] for c in certainties):
        return False
    others = [m for m in matches if m.key not in (match.key, "visit", "order_intent")]
    for doubt in doubts:
        if doubt.key != match.key or not sentence[0] <= doubt.start <= sentence[1]:
            continue
        start, end = scan.soft_clause(doubt.start)
        if _IF.match(scan.masked, doubt.start) and (start, end) != clause:
            if doubt.start < first:
                return True
            continue
        if (start, end) != clause and _OF_TERMS.search(scan.masked, start, end):
            continue
        if (start, end) == clause or not any(start <= min(o.solid) < end for o in others):
            return True
    return False


_OF_TERMS = re.compile("价|账|合同|款|补")
"""价钱下次再谈: what is left open is not the order."""
_IF = re.compile("的话|如果|要是|假如|假设|只要|倘若")
"""A condition holds for all that its sentence goes on to say."""


_APART = re.compile("[分特个级]别$")
"""分别订了: no 别 that forbids."""


def _negated(masked: str, first: int, rulebook: Rulebook) -> bool:
    """Whether a negation stands right before the cue."""
    words = rulebook.words("actions", "negation")
    pattern = word_pattern(words, "(?:再|怎么|能|有|去|太|想|要|打算|准备|跟|给|记|算|当|按)?$")
    found = pattern.search(masked[max(0, first - 6) : first])
    return found is not None and not _APART.search(masked[:first])
