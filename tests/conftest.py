"""How thoroughly properties are tested: HYPOTHESIS_PROFILE=long tries far more examples."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# The machine's load must not decide whether a property holds.
settings.register_profile("usual", deadline=None)
settings.register_profile(
    "long", deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))
