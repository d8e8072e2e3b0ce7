import pytest

from nightstretch.player.gaps import Gaps


class NoGaps(Gaps):
    def since(self, seconds: float, pulled: int) -> int:
        return 0


@pytest.fixture(autouse=True)
def _time_passes_as_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find no gaps in what a device of the tests asks for: by the clock on the wall it has many."""
    monkeypatch.setattr("nightstretch.player.device.Gaps", NoGaps)
