"""People, customers, products and competitors, read as domain values."""

from datetime import time
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session, col

from domain.people import Competitor, Contact, Customer, Person, Product
from domain.positions import Position
from domain.push_times import Quiet
from storage.claims import insert_new, table_of
from storage.prepared import Prepared
from storage.tables import (
    CompetitorRow,
    ContactRow,
    CustomerRow,
    MasterDataRow,
    PersonRow,
    ProductRow,
)

USERID_OF = {"wecom": PersonRow.wecom_userid, "dingtalk": PersonRow.dingtalk_userid}
"""Which column holds a channel's id of a person."""

BY_USERID = {
    channel: Prepared(
        select(*(table_of(PersonRow).c[name] for name in Person.model_fields)).where(
            func.lower(col(column)) == bindparam("userid"), col(PersonRow.active).is_(True)
        )
    )
    for channel, column in USERID_OF.items()
}


MASTER_VERSION = Prepared(select(col(MasterDataRow.version)).where(col(MasterDataRow.id) == 1))


BY_ID = Prepared(select(table_of(PersonRow)).where(col(PersonRow.id) == bindparam("person")))


def person_value(row: Any) -> Person:
    """Of a mapped row, or of one that has its columns."""
    return Person.model_validate({name: getattr(row, name) for name in Person.model_fields})


def customer_value(row: CustomerRow) -> Customer:
    place = None
    if row.latitude is not None and row.longitude is not None:
        place = Position.model_validate(
            {"latitude": row.latitude, "longitude": row.longitude, "datum": row.datum}
        )
    known = row.model_dump(exclude={"latitude", "longitude", "datum"})
    return Customer.model_validate({**known, "position": place})


def _contact_value(row: ContactRow) -> Contact:
    return Contact(
        customer=row.customer_code, name=row.name, title=row.title, mobile=row.mobile, birthday=row.birthday
    )


class People:
    """One look-up a person and unit of work: what was read is kept."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._rows: dict[str, Any] = {}

    def _row(self, person_id: str) -> Any:
        """To be read, and not to be changed."""
        if person_id not in self._rows:
            self._rows[person_id] = BY_ID.fetch_one(self.session, person=person_id)
        return self._rows[person_id]

    def by_userid(self, channel: str, userid: str) -> Person | None:
        """Who this is on that channel, whatever the case of the id; None for strangers and for people who left."""
        if channel not in BY_USERID:  # channels without a directory of their own know people by our id
            return self.get(userid)
        row = BY_USERID[channel].fetch_one(self.session, userid=userid.lower())
        return Person.model_validate(row._asdict()) if row else None

    def get(self, person_id: str) -> Person | None:
        row = self._row(person_id)
        return person_value(row) if row and row.active else None

    def ever(self, person_id: str) -> Person | None:
        """Somebody of the company, or who was and left; what he asked for goes on."""
        row = self._row(person_id)
        return person_value(row) if row else None

    def superior(self, person_id: str) -> str | None:
        """His manager, or the next above where that one has left; None at the top."""
        seen = {person_id}
        row = self._row(person_id)
        while row and row.manager_id and row.manager_id not in seen:
            seen.add(row.manager_id)
            row = self._row(row.manager_id)
            if row and row.active:
                return str(row.id)
        return None

    def address(self, person_id: str, prefer: str = "") -> tuple[str, str] | None:
        """(channel, platform id) for messages to this person: `prefer`, else his own wish, else his role's usual one.

        Reps are reached in WeCom first, everybody else in DingTalk first; None where neither id is known, and of those
        who left.
        """
        row = self._row(person_id)
        if row is None or not row.active:
            return None
        known = {"wecom": row.wecom_userid, "dingtalk": row.dingtalk_userid, "terminal": row.id}
        usual = ("wecom", "dingtalk") if row.role == "rep" else ("dingtalk", "wecom")
        for channel in (prefer, row.prefers, *usual):
            if userid := known.get(channel):
                return channel, userid
        return None

    def with_role(self, *roles: str) -> list[Person]:
        rows = self.session.scalars(
            select(PersonRow)
            .where(col(PersonRow.role).in_(roles), col(PersonRow.active).is_(True))
            .order_by(PersonRow.id)
        )
        return [person_value(r) for r in rows]

    def be_quiet(self, person_id: str, start: time | None, end: time | None) -> Quiet:
        """Other hours without anything unasked; None leaves one as it is, both None give the usual ones back."""
        row = self.session.get(PersonRow, person_id)
        assert row is not None, f"{person_id} has a turn, so he is there"
        self._rows.pop(person_id, None)
        both = start is None and end is None
        row.quiet_from = start if start or both else row.quiet_from
        row.quiet_until = end if end or both else row.quiet_until
        self.session.add(row)
        return person_value(row).quiet

    def rename(self, channel: str, old: str, new: str) -> None:
        """The platform gave somebody another id."""
        column = col(USERID_OF[channel])
        self.session.execute(update(PersonRow).where(func.lower(column) == old.lower()).values({column: new}))


class Customers:
    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, code: str) -> Customer | None:
        row = self.session.get(CustomerRow, code)
        return customer_value(row) if row else None

    def owned_by(self, person_id: str) -> list[Customer]:
        rows = self.session.scalars(
            select(CustomerRow).where(col(CustomerRow.owner_id) == person_id).order_by(CustomerRow.code)
        )
        return [customer_value(r) for r in rows]

    def contact(self, code: str, name: str) -> Contact | None:
        row = self._contact(code, name)
        return _contact_value(row) if row else None

    def keep_contact(self, contact: Contact) -> None:
        """Add a contact of a customer, or give the one of that name another title and mobile."""
        row = self._contact(contact.customer, contact.name)
        row = row or ContactRow(customer_code=contact.customer, name=contact.name)
        row.title, row.mobile = contact.title, contact.mobile
        row.birthday = contact.birthday or row.birthday
        self.session.add(row)
        bump_master_version(self.session)

    def drop_contact(self, code: str, name: str) -> None:
        if row := self._contact(code, name):
            self.session.delete(row)
            bump_master_version(self.session)

    def _contact(self, code: str, name: str) -> ContactRow | None:
        query = select(ContactRow).where(col(ContactRow.customer_code) == code, col(ContactRow.name) == name)
        return self.session.scalars(query).first()


def master_version(session: Session) -> int:
    """Grows whenever people, customers, products or competitors change."""
    row = MASTER_VERSION.fetch_one(session)
    return row.version if row else 0


def bump_master_version(session: Session) -> None:
    insert_new(session, MasterDataRow, id=1, version=0)
    session.execute(
        update(MasterDataRow)
        .where(col(MasterDataRow.id) == 1)
        .values(version=col(MasterDataRow.version) + 1)
        .execution_options(synchronize_session="fetch")
    )
    session.info["master_data_changed"] = True


def one_at_a_time(session: Session) -> None:
    """Until the end of the transaction nobody else gets past this, or changes what `master_version` counts."""
    insert_new(session, MasterDataRow, id=1, version=0)
    session.execute(select(col(MasterDataRow.id)).where(col(MasterDataRow.id) == 1).with_for_update())


def all_people(session: Session) -> list[Person]:
    rows = session.scalars(
        select(PersonRow).where(col(PersonRow.active).is_(True)).order_by(col(PersonRow.id))
    )
    return [person_value(r) for r in rows]


def all_products(session: Session) -> list[Product]:
    return [Product.model_validate(r.model_dump()) for r in session.scalars(select(ProductRow))]


def all_competitors(session: Session) -> list[Competitor]:
    return [Competitor.model_validate(r.model_dump()) for r in session.scalars(select(CompetitorRow))]


def all_names(session: Session) -> dict[str, list[Any]]:
    """Everything that has a name, for the gazetteers."""
    return {
        "customers": [customer_value(r) for r in session.scalars(select(CustomerRow))],
        "contacts": [_contact_value(r) for r in session.scalars(select(ContactRow))],
        "products": all_products(session),
        "competitors": all_competitors(session),
        "people": all_people(session),
    }
