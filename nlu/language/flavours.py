"""What products are called for short: 草莓 for 草莓酸奶, and 酸奶 for any of several."""

from collections.abc import Sequence

from domain.people import Product


def flavours(products: Sequence[Product], endings: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """草莓 for 草莓酸奶: what is left without a shared ending, where it means one product only."""
    taken = {n for p in products for n in (p.name, *p.aliases)}
    short: dict[str, set[str]] = {}
    for ending, codes in endings.items():
        for product in products:
            rest = product.name.removesuffix(ending)
            if product.code in codes and len(rest) >= 2 and rest not in taken:
                short.setdefault(rest, set()).add(product.code)
    found: dict[str, tuple[str, ...]] = {}
    for words, codes_meant in short.items():
        if len(codes_meant) == 1:
            (code,) = codes_meant
            found[code] = (*found.get(code, ()), words)
    return found


def shared_endings(products: Sequence[Product]) -> dict[str, tuple[str, ...]]:
    """Endings of two to four letters that at least two products share, longest first."""
    endings: dict[str, list[str]] = {}
    names = {n for p in products for n in (p.name, *p.aliases)}
    for product in products:
        for length in (4, 3, 2):
            ending = product.name[-length:]
            if len(product.name) > length and ending not in names:
                endings.setdefault(ending, []).append(product.code)
    shared = {e: tuple(dict.fromkeys(codes)) for e, codes in endings.items() if len(set(codes)) > 1}
    return dict(sorted(shared.items(), key=lambda item: -len(item[0])))
