"""The suite itself is tested: every bug that is planted in a connector breaks the promise that it should."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from tests.contract.connector import ConnectorContract
from tests.contract.mutants import MUTANTS, Mutant
from tests.plugins import test_dropbox
from tests.plugins.dropbox import OnTwin
from tests.twins.dropbox import Twin

DOCS = Path(__file__).parents[2] / "docs" / "connectors.md"


def run(connector: type, test: str, given: object, place: Path) -> None:
    """One test of the suite on a connector."""

    class Planted(test_dropbox.TestDropbox):
        def known(self) -> type:
            return connector

    class OnPlanted(OnTwin):
        pass

    OnPlanted.connector = connector
    method = getattr(Planted(), test)
    with Twin() as twin:
        has = {"platform": OnPlanted(twin), "tmp_path": place, **dict(given)}  # type: ignore[call-overload]
        method(**{name: has[name] for name in inspect.signature(method).parameters})


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.connector.__name__)
def test_a_planted_bug_is_caught(mutant: Mutant, tmp_path: Path) -> None:
    caught = (Exception, pytest.fail.Exception)
    with pytest.raises(caught) as why:
        run(mutant.connector, mutant.caught_by, mutant.given, tmp_path)
    assert not isinstance(why.value, (TypeError, AttributeError)), "the mutant itself is broken"


def test_there_is_a_bug_for_every_part_of_the_suite_and_the_docs_list_it() -> None:
    promises = {name for name in dir(ConnectorContract) if name.startswith("test_")}
    assert {mutant.caught_by for mutant in MUTANTS} <= promises
    parts = {part for part in ConnectorContract.__mro__ if any(name.startswith("test_") for name in vars(part))}
    assert all(any(mutant.caught_by in vars(part) for mutant in MUTANTS) for part in parts)
    told = DOCS.read_text(encoding="utf-8")
    assert [mutant.bug for mutant in MUTANTS if mutant.bug not in told] == []
