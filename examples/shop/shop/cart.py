"""What is in the cart and what it costs, in cents."""

from __future__ import annotations

from dataclasses import dataclass, field

FREE_SHIPPING = 5000
SHIPPING = 490


@dataclass
class Line:
    """So many pieces of one article."""

    name: str
    price: int
    count: int = 1


@dataclass
class Cart:
    """Lines in the order in which they were added."""

    lines: list[Line] = field(default_factory=list)

    def add(self, name: str, price: int, count: int = 1) -> None:
        """Put an article in."""
        self.lines.append(Line(name, price, count))

    def subtotal(self) -> int:
        """All lines without shipping."""
        return sum(line.price * line.count for line in self.lines)

    def shipping(self) -> int:
        """Free from 50.00 on."""
        if not self.lines or self.subtotal() > FREE_SHIPPING:
            return 0
        return SHIPPING

    def total(self) -> int:
        """What the customer pays."""
        return self.subtotal() + self.shipping()
