"""Who may be given a lead: room under his limits, and the leads that are kept for others."""

from collections.abc import Collection
from dataclasses import dataclass, field

from domain.leads.lead import Lead
from domain.leads.rules import Capacity, LeadRules, Limits, Only


@dataclass(frozen=True, slots=True)
class Rep:
    """A person at work as dispatching sees him at one moment. No pydantic: a thousand are made for every lead."""

    id: str
    name: str
    team: str = ""
    region: str = ""
    skills: tuple[str, ...] = ()
    open: int = 0
    """Leads that he holds."""
    today: int = 0
    """Leads that he was given today."""
    limits: Limits = field(default_factory=Limits)

    @property
    def room(self) -> int:
        """How many more leads he may be given now."""
        return max(0, min(self.limits.open - self.open, self.limits.day - self.today))


def rep_of(
    person_id: str, name: str, team: str, region: str, *, rules: LeadRules, open: int, today: int
) -> Rep:
    return Rep(
        id=person_id,
        name=name,
        team=team,
        region=region,
        skills=rules.skills.get(person_id) or rules.skills.get(team, ()),
        open=open,
        today=today,
        limits=limits_of(person_id, rules.capacity),
    )


def limits_of(person_id: str, capacity: Capacity) -> Limits:
    return capacity.people.get(person_id, capacity)


def bare(place: str) -> str:
    """朝阳区 and 朝阳 are one place."""
    return place[:-1] if len(place) > 2 and place[-1] in "区市县" else place


def concerns(rule: Only, lead: Lead) -> bool:
    """Whether the rule is about this lead."""
    return (
        (not rule.sources or lead.source in rule.sources)
        and (not rule.cities or bare(lead.city) in map(bare, rule.cities))
        and (not rule.districts or bare(lead.district) in map(bare, rule.districts))
        and (not rule.products or not set(rule.products).isdisjoint(lead.products))
        and (not rule.levels or lead.level in rule.levels)
    )


def serves(rule: Only, rep: Rep) -> bool:
    """Whether he is one of those whom the rule names."""
    return rep.team in rule.teams or rep.id in rule.people


def may_have(lead: Lead, rep: Rep, rules: LeadRules, had: Collection[str] = ()) -> bool:
    """Whether he may be given it now; `had`: who was given it before."""
    kept = any(concerns(rule, lead) and not serves(rule, rep) for rule in rules.only)
    return rep.room > 0 and rep.id not in had and not kept
