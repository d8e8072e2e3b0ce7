"""``nightstretch draft``, called by itself."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support import articles

from nightstretch.cli.draft import draft
from nightstretch.errors import ExportError, NightstretchError, RoutineError
from nightstretch.session import find_routine


@pytest.fixture
def article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An article in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = Path("back pain.txt")
    path.write_text(articles.SEED, encoding="utf-8")
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(draft, arguments)


def test_the_file_is_named_after_the_article(article: Path) -> None:
    result = run(str(article))
    assert result.exit_code == 0
    assert result.stdout == "back pain.yaml\n"
    assert "nightstretch: wrote back pain.yaml; look for the" in result.stderr
    assert len(find_routine("back pain.yaml").exercises) == 5


def test_a_file_can_be_named(article: Path) -> None:
    assert run(str(article), "-o", "mine.yaml").exit_code == 0
    assert find_routine("mine.yaml").title == "Stretches For Back Pain"


def test_the_same_article_gives_the_same_bytes(article: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        assert run(str(article), "-o", name).exit_code == 0
    assert Path("a.yaml").read_bytes() == Path("b.yaml").read_bytes()


def test_an_existing_file_is_kept_unless_forced(article: Path) -> None:
    Path("mine.yaml").write_text("mine")
    assert isinstance(run(str(article), "-o", "mine.yaml").exception, ExportError)
    assert Path("mine.yaml").read_text() == "mine"
    assert run(str(article), "-o", "mine.yaml", "--force").exit_code == 0
    assert Path("mine.yaml").read_text() != "mine"


def test_the_article_itself_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("article.yaml").write_text(articles.SEED)
    assert isinstance(run("article.yaml").exception, ExportError)
    assert Path("article.yaml").read_text() == articles.SEED


def test_a_huge_file_is_refused_without_being_read(article: Path) -> None:
    with article.open("wb") as file:
        file.truncate(50_000_000_000)
    error = run(str(article)).exception
    assert isinstance(error, RoutineError)
    assert "larger than 100 kB" in str(error)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.txt"], "none.txt: cannot be read: No such file or directory"),
        (["."], ".: is no file; give an article as plain text"),
        (["back pain.txt", "-o", "no/such/x.yaml"], "there is no folder no/such"),
        (["back pain.txt", "-o", "."], ". is a folder; name a file in it with -o"),
    ],
)
def test_mistakes_are_told_in_one_line(article: Path, arguments: list[str], message: str) -> None:
    error = run(*arguments).exception
    assert isinstance(error, NightstretchError)
    assert message in str(error)
    assert "\n" not in str(error)
    assert list(Path().iterdir()) == [article]
