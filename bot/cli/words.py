"""The commands about words: scrub, ask, and the knowledge base."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

import click

from bot import showing
from bot.asking import Asking
from bot.backlog import backlog
from bot.cli.command import Command, Group, records, settings
from bot.lines import ask_lines
from bot.progress import bar
from bot.scrubbing import Source, scrub_stream, size_of
from nlp.answers import index_file
from nlp.answers.lint import lint
from nlp.answers.template import add
from nlp.knowledge import ARTICLES, Knowledge
from nlp.scrubber import PresidioScrubber
from nlp.text import RawText


@click.command(cls=Command)
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--json", "as_json", is_flag=True, help="JSON lines in and out.")
@click.option(
    "--jobs",
    type=click.IntRange(0, 256),
    default=1,
    show_default=True,
    help="Processes that work; 0: one on each core. What comes out is the same.",
)
def scrub(file: BinaryIO, as_json: bool, jobs: int) -> None:
    """Strip PII from lines of text, however many.

    With --json: {"id"?, "text"} in; {"id", "text", "entities"} out, offsets in code points of the
    text given. A bad line is an error object on that line, and the exit code is 1.

    \b
    Examples:
      echo "call me at 415-555-0132" | jetpack-care scrub
      jetpack-care scrub --json --jobs 0 messages.jsonl > scrubbed.jsonl
    """
    settings()
    size = size_of(file)
    # On one terminal the bar would stand between the lines.
    with bar(None if sys.stdout.isatty() else size, "scrub") as done:
        bad = scrub_stream(
            cast(Source, file),
            as_json=as_json,
            jobs=jobs,
            steady=size is not None,
            write=click.echo,
            done=done,
        )
    sys.exit(1 if bad else 0)


@click.command(cls=Command)
@click.argument("question")
@click.option("--json", "as_json", is_flag=True, help="A JSON line; with - as the question: many.")
@click.option("--explain", is_flag=True, help="Say why: the route, the sections, the measures.")
def ask(question: str, as_json: bool, explain: bool) -> None:
    """Answer a question as the bot would.

    \b
    Examples:
      jetpack-care ask "can u guys do prime orders?"
      jetpack-care ask --explain "does the zip stay on old orders"
      echo '{"id": 1, "question": "how do i get a refund"}' | jetpack-care ask --json -
    """
    asking = Asking(scrubber=PresidioScrubber(), knowledge=Knowledge.load(settings().articles))
    if question == "-":
        sys.exit(1 if ask_lines(sys.stdin.buffer, asking, write=click.echo) else 0)
    if explain:
        for line in asking.explain(RawText(question)):
            click.echo(line)
        return
    found = asking.ask(RawText(question))
    click.echo(showing.as_json({"id": None, **found}) if as_json else found["text"])


@click.group(cls=Group)
def kb() -> None:
    """Write, check and index the articles that the bot answers from."""


@kb.command("add")
@click.argument("article")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the articles are; by default CARE_ARTICLES, else those of the program.",
)
def add_article(article: str, folder: Path | None) -> None:
    """Write the template of a new article, as a draft: it answers nothing until published.

    \b
    Examples:
      jetpack-care kb add packaging-rules --folder articles
    """
    try:
        path = add(_chosen(folder), article, datetime.now(UTC).date())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="ARTICLE") from None
    click.echo(path)


@kb.command("index")
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
def index_articles(folder: Path | None) -> None:
    """Index the articles and save that beside them, so that the bot starts at once.

    Nothing depends on it: an index that does not fit its articles is not used.
    """
    chosen = _chosen(folder)
    knowledge = Knowledge.load(chosen)
    knowledge.save(chosen / index_file.FILE)
    for problem in knowledge.problems:
        click.echo(str(problem), err=True)
    click.echo(f"{len(knowledge.sections)} sections")
    sys.exit(1 if knowledge.problems else 0)


@kb.command("backlog")
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=30,
    show_default=True,
    help="How far back to look.",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON line for each group.")
def show_backlog(days: int, as_json: bool) -> None:
    """Show what merchants asked and the articles did not answer, or not well.

    The scrubbed messages are asked again: what an article answers by now is not shown.

    \b
    Examples:
      jetpack-care kb backlog --days 7
    """
    since = datetime.now(UTC) - timedelta(days=days)
    with records() as opened:
        groups = backlog(opened.store, Knowledge.load(settings().articles), since=since)
        ratings = showing.ratings(opened)
    lines = map(showing.as_json, map(asdict, groups)) if as_json else showing.backlog(groups)
    for line in lines:
        click.echo(line)
    if not as_json:
        for line in ratings:
            click.echo(line)


@kb.command("lint")
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
def lint_articles(folder: Path | None) -> None:
    """Check the articles; problems are named by file and line, and the exit code is 1."""
    problems = lint(_chosen(folder), datetime.now(UTC).date())
    for problem in problems:
        click.echo(str(problem))
    click.echo(f"{len(problems)} problems", err=True)
    sys.exit(1 if problems else 0)


def _chosen(folder: Path | None) -> Path:
    """Return the folder of the articles: the one given, else the setting's, else the program's."""
    return folder or settings().articles or ARTICLES
