import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more about a busy machine than about the code. The project's CI tries the
# same examples every time, so that it fails for a change and not by chance; everybody else tries new ones.
# Where they run a second time, with more that is installed, or with other versions, fewer do.
settings.register_profile(
    "nightstretch",
    deadline=None,
    derandomize="CI" in os.environ,
    max_examples=int(os.environ.get("EXAMPLES", "100")),
)
settings.load_profile("nightstretch")


@pytest.fixture(autouse=True, scope="session")
def _signals_are_heard() -> None:
    """Undo what a shell did that started the tests in the background: there, Ctrl-C is ignored by all."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP", "SIGQUIT"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the folders, the settings and the desktop of whoever runs it."""
    monkeypatch.setenv("PYTHON_COLORS", "0")  # else newer Pythons colour the tracebacks of children
    for name in [name for name in os.environ if name.startswith("NIGHTSTRETCH_")]:
        monkeypatch.delenv(name)
    folder = tmp_path_factory.mktemp("user")
    monkeypatch.setenv("NIGHTSTRETCH_CACHE_DIR", str(folder / "cache"))
    monkeypatch.setenv("NIGHTSTRETCH_STATE_DIR", str(folder / "state"))
    monkeypatch.setenv("NIGHTSTRETCH_CONFIG", str(folder / "config.toml"))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)


@pytest.fixture
def user_config() -> Path:
    """The path of the user's config file, which does not exist yet."""
    return Path(os.environ["NIGHTSTRETCH_CONFIG"])
