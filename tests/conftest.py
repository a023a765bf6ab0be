"""How thoroughly properties are tested (HYPOTHESIS_PROFILE=long tries far more), and PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from postgres_server import Postgres, started

# The machine's load must not decide whether a property holds.
settings.register_profile("usual", deadline=None)
settings.register_profile(
    "long", deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A really started PostgreSQL that all tests share; see postgres_server.py."""
    with started() as server:
        yield server
