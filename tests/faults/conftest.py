"""The shared refresh of the pipeline tests, here too."""

from tests.pipeline.conftest import refreshed  # noqa: F401
