"""新线索：喜乐汇超市钱店长 13900000001，朝阳区，想要酸奶进货价: a lead that somebody announces as one.

Only words that say so begin a lead; every value is a stretch of the text, and what is no value is part of the need.
"""

import re

from domain.intents.records import Said
from domain.leads.normalising import phone_of, place_of

_OPENING = re.compile(
    r"^\s*(?:(?:登记|录入?|记|报|来了?|有)?(?:了|一)?(?:一?[条个])?新?(?:的)?(?:线索|商机)|新(?:客户)?咨询|(?P<guest>来了?个新?客户))"
    r"\s*[：:，,。\s]\s*"
)
_PHONE = re.compile(
    r"(?:联系)?(?:电话|手机|方式)?(?:号码?)?(?:是|为)?[：:\s]*"
    r"((?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|\(?0\d{2,3}\)?[\s-]?\d{7,8}(?:\s?(?:转|-)\s?\d{1,6})?|400[\s-]?\d{3}[\s-]?\d{4})(?!\d)"
)
_TITLE = "店长|经理|老板娘?|园长|校长|师傅|总监|总|先生|女士|小姐|主任|主管|采购|厂长|姐|哥"
_COMPANY_AND_PERSON = re.compile(rf"(.{{2,}}?)的?([\u4e00-\u9fff](?:{_TITLE}))")
_PERSON = re.compile(rf"(?:联系人)?(?:是|为|：)?([\u4e00-\u9fff]{{1,3}}(?:{_TITLE}))")
_NEED = re.compile(r"(?:想|要|需要?|咨询|问|打算|希望|求|准备)")
_PARTS = re.compile(r"[^，,；;。！!\n]+")


def lead_in(text: str) -> dict[str, Said] | None:
    """The values of a lead by field of the form `lead`; None where the text announces none. Never raises."""
    opening = _OPENING.match(text)
    if opening is None:
        return None
    rest = text[opening.end() :].strip()
    phone = _PHONE.search(rest)
    if not rest or (opening["guest"] and phone is None):
        return None
    found: dict[str, Said] = {}
    if phone and (digits := phone_of(phone[1])):
        found["mobile"] = Said(value=digits, words=phone[1])
        rest = f"{rest[: phone.start()]}，{rest[phone.end() :]}"
    needs: list[str] = []
    for part in (match[0].strip(" ：:") for match in _PARTS.finditer(rest)):
        if part and not _took(part, found, bool(needs)):
            needs.append(part)
    if needs:
        found["need"] = Said(value="，".join(needs), words=needs[0])
    return found


def _took(part: str, found: dict[str, Said], after_need: bool) -> bool:
    """Whether the part is a value; it is kept then."""
    if after_need or _NEED.match(part):
        return False
    if place := place_of(part):
        for name, value in zip(("city", "district"), place, strict=True):
            if value:
                found.setdefault(name, Said(value=value, words=part))
        return True
    if "company" not in found and (both := _COMPANY_AND_PERSON.fullmatch(part)):
        found["company"] = Said(value=both[1], words=both[1])
        found.setdefault("person", Said(value=both[2], words=both[2]))
        return True
    if "person" not in found and (person := _PERSON.fullmatch(part)):
        found["person"] = Said(value=person[1], words=person[1])
        return True
    if "company" not in found:
        found["company"] = Said(value=part, words=part)
        return True
    return False


def is_enough(fields: dict[str, Said]) -> bool:
    """A phone, or a company and its city: less than that nobody can follow."""
    return "mobile" in fields or ("company" in fields and "city" in fields)
