"""The first touch in figures, for each team and over all."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.flows.working_time import WorkingTime
from domain.forms import Rulebook
from domain.leads.first_touch import IN_TIME, Figures, figures
from nlu.language.holidays import is_workday
from storage.lead_loads import LeadTimes, created_since, everybodys_teams

NOBODY = "无人负责"
EVERYBODY = "全部"


def by_team(
    leads: Sequence[LeadTimes], team_of: Mapping[str, str], rules: Rulebook, now: datetime, zone: ZoneInfo
) -> dict[str, Figures]:
    """A lead belongs to the team of whoever touched it, else of its owner."""
    working = WorkingTime(rules.office, zone, is_workday)
    teams: dict[str, list[LeadTimes]] = {}
    for lead in leads:
        team = team_of.get(lead.touched_by or lead.owner_id or "", NOBODY)
        teams.setdefault(team, []).append(lead)
    groups = {EVERYBODY: leads, **dict(sorted(teams.items()))}
    high = rules.leads.high_value * 100
    return {name: figures(group, high, working, now) for name, group in groups.items()}


def teams_of(session: Session) -> dict[str, str]:
    """Of everybody the team, those who left among them."""
    return {key: team or name for key, name, team in everybodys_teams(session)}


def lines(session: Session, rules: Rulebook, since: datetime, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    yield f"{since.astimezone(zone):%Y-%m-%d %H:%M} 以来，单位是工作分钟"
    for name, found in by_team(created_since(session, since), teams_of(session), rules, now, zone).items():
        reached = f"已联系 {found.touched} 条"
        if found.touched:
            reached += f"，中位 {found.p50:.1f}，95% 在 {found.p95:.1f} 内，最长 {found.longest:.1f}"
        rate = "—" if found.in_time is None else f"{found.in_time:.1%}"
        yield f"{name}：线索 {found.leads} 条，{reached}，{IN_TIME} 分钟内 {rate}"
        if found.missed_high_value:
            missed = "、".join(found.missed_high_value[:20])
            yield f"    没及时联系上的高价值线索 {len(found.missed_high_value)} 条：{missed}"
