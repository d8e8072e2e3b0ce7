"""``nightstretch draft``: an article becomes a routine file to work on."""

from __future__ import annotations

from pathlib import Path

import click

from nightstretch.cli.options import notice


@click.command(epilog="Example: nightstretch draft article.md -o mine.yaml")
@click.argument("article", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path),
    help="The routine file; the article's name with .yaml, in this folder, unless given.",
)
@click.option("--force", is_flag=True, help="Replace a file that exists.")
def draft(article: Path, path: Path | None, *, force: bool) -> None:
    """Make a routine file of an article, as a draft to work on.

    ARTICLE is plain text or Markdown: exercises with a heading each, and what to do below it.
    """
    from nightstretch.draft import draft as write_draft  # noqa: PLC0415
    from nightstretch.draft import read_file  # noqa: PLC0415
    from nightstretch.export.whole_file import whole_file  # noqa: PLC0415

    text = write_draft(read_file(article), str(article))
    if path is None:
        path = Path(f"{article.stem}.yaml")
    with whole_file(path, force=force) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")
    click.echo(path)
    guesses = text.count("# guessed:")
    notice(f"wrote {path}; look for the {guesses} comments that begin with 'guessed', then play it")
