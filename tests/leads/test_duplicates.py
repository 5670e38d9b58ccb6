"""A small sample of `xiaofang bench leads`."""

from bot.benchmarks.lead_duplicates import Shops, judge, ours
from nlu.companies import CompanyIndex


def test_reports_of_one_company_are_known_again_and_its_neighbours_are_not() -> None:
    found = judge(600, 11, ours)
    assert found.f1 >= 0.97, found.wrong
    assert found.precision >= 0.98, found.wrong


def test_a_company_is_found_among_others() -> None:
    shops = Shops(3)
    known = [shops.shop(f"lead:{number}") for number in range(300)]
    index = CompanyIndex(known)
    for company in known[:40]:
        _, again = shops.again(company)
        if ours(company, again):
            assert company.ref in [one.ref for verdict, one in index.matches(again) if verdict == "same"]
