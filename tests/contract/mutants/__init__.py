"""Bugs planted in a connector: the suite that every connector runs must catch each of them."""

from tests.contract.mutants.listing import LISTING
from tests.contract.mutants.mutant import Mutant
from tests.contract.mutants.others import OTHERS
from tests.contract.mutants.tagging import TAGGING

MUTANTS: tuple[Mutant, ...] = (*LISTING, *TAGGING, *OTHERS)

__all__ = ["MUTANTS", "Mutant"]
