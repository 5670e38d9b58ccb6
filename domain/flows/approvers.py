"""Who decides: superiors, roles and persons, never the applicant; those on leave have somebody who stands in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from domain.errors import Refusal
from domain.flows.definition import Who

NOBODY = (
    "没有找到能审批的人：{who}没有上级可以审批，申请人自己不能批自己的单。请联系管理员补上上级，再提交一次。"
)
ALL_AWAY = (
    "没有找到能审批的人：{who}的上级现在都不在，也没有别人能代批，申请人自己不能批自己的单。"
    "请让上级指定代理人或销假，再提交一次。"
)
MOST_LEVELS = 20


class Company(Protocol):
    """The company as flows need to know it, at one moment. Ids throughout; people who left are not in it."""

    def superior(self, person: str) -> str | None: ...

    def holders(self, role: str) -> tuple[str, ...]: ...

    def knows(self, person: str) -> bool: ...

    def name(self, person: str) -> str: ...

    def away(self, person: str) -> str | None:
        """None where he is at work; else who stands in for him, empty where he named nobody."""


@dataclass(frozen=True)
class Chosen:
    person: str
    behalf: str = ""


def choose(who: Who, applicant: str, company: Company) -> tuple[Chosen, ...]:
    """The people who may decide, each once. Raises Refusal where there is nobody."""
    if who.superior:
        return (_superior(who, applicant, company),)
    if who.above:
        return (_above(who, applicant, company),)
    if who.person:
        found = appoint(who.person, applicant, company) if company.knows(who.person) else None
        return (found or _superior(Who(superior=1), applicant, company),)
    holders = [p for p in company.holders(str(who.role)) if p != applicant]
    here = [p for p in holders if company.away(p) is None]
    if here:
        return tuple(map(Chosen, here))
    stand_ins = {found.person: found for p in holders if (found := _stand_in(p, applicant, company))}
    return tuple(stand_ins.values()) or (_superior(Who(superior=1), applicant, company),)


def appoint(person: str, applicant: str, company: Company) -> Chosen | None:
    """The person, whoever stands in for him, or the first of his superiors of whom the same can be said."""
    for candidate in (person, *superiors(person, company)):
        if found := _stand_in(candidate, applicant, company):
            return found
    return None


def superiors(person: str, company: Company) -> Iterator[str]:
    """His superior, that one's, and so on; ends where the list of people goes round in a circle."""
    seen = {person}
    at = company.superior(person)
    while at is not None and at not in seen and len(seen) < MOST_LEVELS:
        yield at
        seen.add(at)
        at = company.superior(at)


def _superior(who: Who, applicant: str, company: Company) -> Chosen:
    chain = list(superiors(applicant, company))
    wanted = chain[min(who.superior, len(chain)) - 1 :] if chain else []
    others = [p for role in who.otherwise for p in company.holders(role)]
    for candidate in (*wanted, *others):
        if found := appoint(candidate, applicant, company):
            return found
    raise Refusal((ALL_AWAY if chain else NOBODY).format(who=company.name(applicant)))


def _above(who: Who, applicant: str, company: Company) -> Chosen:
    """The nearest superior of the role; above whom there is none, anybody of the role."""
    holders = company.holders(str(who.above))
    near = [p for p in superiors(applicant, company) if p in holders]
    for candidate in (*near, *(p for p in holders if p != applicant)):
        if found := appoint(candidate, applicant, company):
            return found
    return _superior(Who(superior=1), applicant, company)


def _stand_in(person: str, applicant: str, company: Company) -> Chosen | None:
    """Himself where he is at work, else along those who stand in for one another; None where that leads nowhere, or
    through the applicant, who would choose there who decides about him."""
    if person == applicant:
        return None
    seen = {person, applicant}
    at = person
    while (deputy := company.away(at)) is not None:
        if not deputy or deputy in seen or not company.knows(deputy):
            return None
        seen.add(deputy)
        at = deputy
    return Chosen(at, person if at != person else "")
