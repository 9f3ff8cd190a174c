"""The receipt as text."""

from __future__ import annotations

from shop.cart import Cart


def money(cents: int) -> str:
    """Cents as the customer reads them: 1234 is 12.34."""
    return f"{cents // 100}.{cents % 100:02}"


def receipt(cart: Cart, width: int = 30) -> str:
    """One line for each article, then the total."""
    rows = [(f"{line.count} x {line.name}", money(line.price * line.count)) for line in cart.lines]
    rows.append(("total", money(cart.total())))
    return "\n".join(textwrap.shorten(name, width - 10) + amount.rjust(10) for name, amount in rows)
