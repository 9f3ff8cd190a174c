"""The life of ocode's branches: a ledger that can be made again from git, and the rules that it follows."""

from ocode_tools.ledger.base import ENDED, Change, Landing, Row, State
from ocode_tools.ledger.ledger import Ledger, Settled

__all__ = ["ENDED", "Change", "Landing", "Ledger", "Row", "Settled", "State"]
