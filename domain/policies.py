"""Who sees what: five policies, written as YAML. What none of them allows is not seen.

A policy says it in the trade's words; `storage.policies` makes SQL criteria of it, and masks of what single values
are hidden. The reference for what each means is here.
"""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import Field, field_validator, model_validator

from domain.people import Person, Role
from domain.values import Value

if TYPE_CHECKING:
    from domain.forms import Form

Reach = Literal["own", "team", "region", "company"]
"""Whose things: one's own; also those of everybody below; of everybody in the region; of everybody."""
Purpose = Literal["review", "approval", "training", "export", "language_model"]
"""What somebody reads for: to look at work, to decide on it, to train with it, to take it out of the house, or to
have a language model read along."""
PersonalKind = Literal["position", "voice", "photo", "mobile"]
HIDDEN = "＊＊＊"
"""What stands where somebody is not shown a value."""
ROLES: tuple[Role, ...] = get_args(Role)


class TeamPolicy(Value):
    """① Rows by the tree of regions and teams: whose records a role sees, and of which forms."""

    reach: dict[Role, Reach]
    """A role that is not named sees nothing."""
    only_forms: dict[Role, tuple[str, ...]] = Field(default_factory=dict)
    """Roles that see records of these forms only, however far they reach."""
    practice: dict[Role, Reach] = Field(default_factory=dict)
    """Whose practice talks a role sees, where that is not as far as it reaches otherwise."""


class LeadPolicy(Value):
    """Who sees leads: those of people within reach, and those that nobody has yet."""

    reach: dict[Role, Reach]
    unassigned_to: tuple[Role, ...] = ()


class CustomerPolicy(Value):
    """② Private customers belong to somebody, public ones to nobody, and pass on when people leave."""

    reach: dict[Role, Reach]
    public_to: tuple[Role, ...] = ()
    """Who sees public customers; never their contacts."""
    history: tuple[str, ...] = ()
    """Forms whose records follow the customer: whoever has him now sees what others wrote of him."""
    hand_over_by: tuple[Role, ...] = ()
    hand_over_in_team_by: tuple[Role, ...] = ()
    """Who may hand customers over between people below himself."""
    leads: LeadPolicy = LeadPolicy(reach={"rep": "own"})
    """Rules that were published before there were leads say nothing of them: then only their owners see them."""


class DealerPolicy(Value):
    """③ A dealer sees his own rows and those of dealers below him, and nothing of the house."""

    staff: tuple[Role, ...]
    """Who of the house sees what belongs to dealers."""
    hidden: tuple[str, ...] = ()
    """Field ids that no dealer sees: what is earned upstream of him."""


class MoneyFields(Value):
    label: str
    fields: tuple[str, ...] = Field(min_length=1)
    """Field ids of forms, and columns of tables of that name."""
    seen_by: tuple[Role, ...]


class MoneyPolicy(Value):
    """④ Sums that not everybody sees. A hidden field cannot be read, searched for, or added up."""

    masked: tuple[MoneyFields, ...]


class PersonalData(Value):
    label: str
    seen_for: dict[Purpose, tuple[Role, ...]] = Field(default_factory=dict)
    """By purpose, the roles that see it of others. Everybody sees his own."""
    hours: tuple[time, time] | None = None
    """In the company's zone: what was recorded outside of them nobody else sees."""
    keep_days: int = Field(ge=1)
    """After that nobody sees it, and it is deleted."""

    @field_validator("hours", mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        """`[8:00, 20:00]`: YAML reads unquoted times as minutes."""
        if isinstance(value, list | tuple):
            return tuple(f"{v // 60:02d}:{v % 60:02d}" if isinstance(v, int) else v for v in value)
        return value

    def shown(self, *, mine: bool, role: str, purpose: str, recorded: datetime, now: datetime) -> bool:
        """Whether somebody sees it; both times in the company's zone."""
        if now - recorded > timedelta(days=self.keep_days):
            return False
        if mine:
            return True
        within = self.hours is None or self.hours[0] <= recorded.time() < self.hours[1]
        return within and role in self.seen_for.get(purpose, ())  # type: ignore[call-overload]


class PersonalPolicy(Value):
    """⑤ Position, voice, photo, mobile: by purpose, in working hours, for a time."""

    kinds: dict[PersonalKind, PersonalData]

    @model_validator(mode="after")
    def _all_kinds(self) -> "PersonalPolicy":
        if missing := set(get_args(PersonalKind)) - set(self.kinds):
            raise ValueError(f"缺少 {'、'.join(sorted(missing))}：每一种个人信息都要写明谁能看、留多久")
        return self


class Policies(Value):
    team: TeamPolicy
    customers: CustomerPolicy
    dealers: DealerPolicy
    money: MoneyPolicy
    personal: PersonalPolicy

    def masked_for(self, viewer: "Viewer") -> frozenset[str]:
        """Ids of the fields that this viewer does not see."""
        hidden = {f for m in self.money.masked if viewer.role not in m.seen_by for f in m.fields}
        return frozenset(hidden | (set(self.dealers.hidden) if viewer.is_dealer else set()))


class Viewer(Value):
    """Somebody who reads, and what for. A dealer is known by the codes that are his: himself and all below him."""

    id: str
    role: Role | Literal["dealer"]
    region: str = ""
    dealers: tuple[str, ...] = ()
    purpose: Purpose = "review"

    @property
    def is_dealer(self) -> bool:
        return self.role == "dealer"


def viewer_of(person: Person, purpose: Purpose = "review") -> Viewer:
    return Viewer(id=person.id, role=person.role, region=person.region, purpose=purpose)


def hidden_fields(policies: Policies, form: "Form | None", viewer: Viewer) -> frozenset[str]:
    """Ids of the fields of somebody else's record that this viewer does not see."""
    closed = {f.id for f in form.fields if not f.open_to(viewer.role)} if form else set()
    return policies.masked_for(viewer) | closed


def may_decide(approver: str, applicant: str) -> bool:
    """Nobody decides on what he asked for himself."""
    return approver != applicant
