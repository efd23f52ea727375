"""Services for the tests of the web: an empty one for each test, and one with a taught tenant for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connector_core.web.service import Caller, Service, draw, teach


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service without tenants."""
    made = Service(tmp_path)
    yield made
    made.close()


@pytest.fixture
def tenant(service: Service) -> str:
    """A tenant of it."""
    return service.add()


@pytest.fixture
def caller(service: Service, tenant: str) -> Caller:
    """Somebody who may do everything for that tenant."""
    return service.caller(tenant)


@pytest.fixture(scope="session")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose first tenant has a library and a model."""
    data = tmp_path_factory.mktemp("taught")
    made = Service(data)
    tenant = made.add("Nordlys")
    draw(data / "photos")
    made.connect(tenant, data / "photos")
    teach(made, tenant)
    yield made
    made.close()


@pytest.fixture
def owner(taught: Service) -> Caller:
    """Somebody who may do everything for the tenant with a library and a model."""
    return taught.caller(taught.engine.store.tenants()[0])


@pytest.fixture
def library(service: Service, tenant: str, tmp_path: Path) -> str:
    """A library whose model was just trained; the id of its connection."""
    draw(tmp_path / "photos")
    connection = service.connect(tenant, tmp_path / "photos", writes=True)
    teach(service, tenant)
    return connection
