"""The suite that every connector passes: a host's test file is one subclass with one fixture, ``platform``."""

from tests.contract.connector.changing import ChangingContract
from tests.contract.connector.hearing import HearingContract
from tests.contract.connector.paging import PagingContract
from tests.contract.connector.platform import Platform, Trouble, picture
from tests.contract.connector.reader import Reader
from tests.contract.connector.reading import ReadingContract
from tests.contract.connector.spelling import SpellingContract
from tests.contract.connector.tagging import TaggingContract
from tests.contract.connector.trouble import TroubleContract


class ConnectorContract(
    PagingContract,
    ChangingContract,
    ReadingContract,
    TaggingContract,
    SpellingContract,
    HearingContract,
    TroubleContract,
):
    """Every promise of the Connector protocol; deviations of a host are class attributes."""


__all__ = ["ConnectorContract", "Platform", "Reader", "Trouble", "picture"]
