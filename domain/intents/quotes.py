"""Words about prices."""

from decimal import Decimal
from typing import Literal

from domain.pricing.wishes import Wish
from domain.values import Value


class AskQuote(Value):
    """Somebody wants goods quoted. Whatever is unclear stands as it was said."""

    intent: Literal["ask_quote"] = "ask_quote"
    customer: str = ""
    """The code, where exactly one is surely meant."""
    named: str = ""
    """How the customer was named, whether he is known or not."""
    doubtful: tuple[str, ...] = ()
    """The codes that it may be."""
    goods: tuple[tuple[str, Decimal | None, str], ...] = ()
    """(product, amount, unit): the product is empty where none was said, the amount None."""
    unclear: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Names of goods that may mean several products: the words, and their codes."""
    competitor: str = ""
    words: str = ""


class WishQuote(Value):
    """What a customer wants beyond the quote that lies on the table."""

    intent: Literal["wish_quote"] = "wish_quote"
    quotation: int
    wishes: tuple[Wish, ...]
    words: str
