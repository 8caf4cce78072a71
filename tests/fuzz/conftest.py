from tests.arena.importing.conftest import bring  # noqa: F401
