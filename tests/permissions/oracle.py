"""Who may see what, said once more and independently: plain Python over plain rows and the policies' own YAML."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from tests.permissions.company import NOW, Company, PlainRecord

FOLDER = Path(__file__).parents[2] / "config" / "policies"
ZONE = ZoneInfo("Asia/Shanghai")
DISCOUNT_SEEN_BY = ("manager", "director")


def shown(status: str) -> bool:
    return status in ("confirmed", "submitted", "approved", "rejected", "undone")


class Oracle:
    def __init__(self, company: Company) -> None:
        self.company = company
        self.rules = {
            path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.yaml")
        }

    # whose --------------------------------------------------------------------------------------------------

    def below(self, person: str) -> set[str]:
        found = {person}
        while True:
            more = {p for p, known in self.company.people.items() if known["manager"] in found} - found
            if not more:
                return found
            found |= more

    def reaches(self, person: str, reach: str | None) -> set[str]:
        everybody = self.company.people
        if reach == "company":
            return set(everybody)
        if reach == "team":
            return self.below(person)
        if reach == "region":
            region = everybody[person]["region"]
            return {person} | {p for p, known in everybody.items() if region and known["region"] == region}
        return {person} if reach == "own" else set()

    def role(self, person: str) -> str:
        return str(self.company.people[person]["role"])

    def private(self, person: str) -> set[str]:
        mine = self.reaches(person, self.rules["customers"]["reach"].get(self.role(person)))
        return {code for code, owner in self.company.customers.items() if owner in mine}

    def customers(self, person: str) -> set[str]:
        public = {code for code, owner in self.company.customers.items() if owner is None}
        return self.private(person) | (
            public if self.role(person) in self.rules["customers"]["public_to"] else set()
        )

    # rows ---------------------------------------------------------------------------------------------------

    def sees(self, person: str, record: PlainRecord) -> bool:
        role = self.role(person)
        if record.approvers.get(person) in ("pending", "approved"):
            return True
        reach = self.rules["team"]["reach"].get(role)
        within = record.reporter in self.reaches(person, reach)
        if record.form in self.rules["customers"]["history"]:
            within = within or record.customer in self.private(person)
        only = self.rules["team"]["only_forms"].get(role)
        return within and (only is None or record.form in only)

    def records(self, person: str) -> list[PlainRecord]:
        return [record for record in self.company.records if self.sees(person, record)]

    # values -------------------------------------------------------------------------------------------------

    def sees_money(self, person: str, record: PlainRecord, key: str) -> bool:
        role = self.role(person)
        if key == "discount":
            return record.form != "quote" or record.reporter == person or role in DISCOUNT_SEEN_BY
        return self.sees_column(person, key)

    def sees_column(self, person: str, key: str) -> bool:
        role = self.role(person)
        return all(role in one["seen_by"] for one in self.rules["money"]["masked"] if key in one["fields"])

    def sees_personal(self, person: str, purpose: str, kind: str, whose: str, at: datetime) -> bool:
        rule: dict[str, Any] = self.rules["personal"]["kinds"][kind]
        if NOW - at > timedelta(days=rule["keep_days"]):
            return False
        if whose == person:
            return True
        start, end = rule.get("hours", ("00:00", "24:00"))
        if not start <= f"{at.astimezone(ZONE):%H:%M}" < end:
            return False
        return self.role(person) in rule["seen_for"].get(purpose, ())

    def sees_mobile(self, person: str, purpose: str, customer: str) -> bool:
        readers = self.rules["personal"]["kinds"]["mobile"]["seen_for"].get(purpose, ())
        return customer in self.private(person) and self.role(person) in readers

    # tokens -------------------------------------------------------------------------------------------------

    def tokens(self, person: str, purpose: str, record: PlainRecord) -> set[str]:
        """Everything of a record that this person may read on it."""
        if not self.sees(person, record):
            return set()
        money = {value for key, value in record.money.items() if self.sees_money(person, record, key)}
        proofs = {
            token
            for kind, token in record.evidence
            if kind in ("text", "receipt")
            or self.sees_personal(person, purpose, kind, record.reporter, record.at)
        }
        return {record.open} | money | proofs

    def all_tokens(self, person: str, purpose: str) -> set[str]:
        """Everything that this person may read anywhere, without what is in cards that he is sent."""
        found: set[str] = set()
        for record in self.company.records:
            found |= self.tokens(person, purpose, record)
        found |= {m for code, m in self.company.mobiles.items() if self.sees_mobile(person, purpose, code)}
        reach = self.reaches(person, self.rules["team"]["reach"].get(self.role(person)))
        found |= {
            latitude
            for whose, at, latitude in self.company.check_ins
            if whose in reach and self.sees_personal(person, purpose, "position", whose, at)
        }
        if self.sees_column(person, "floor_price"):
            found |= set(self.company.products.values())
        return found
