"""Articles that change while the bot runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nlp.knowledge import ARTICLES, Knowledge
from nlp.shelf import LOOKS_EVERY, Shelf


class Clock:
    """Seconds that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        """Return them."""
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one article, and the shipped vectors to save time."""
    for name in ("send-inventory.md", "index.npz"):
        shutil.copy(ARTICLES / name, tmp_path)
    return tmp_path


def names(knowledge: Knowledge) -> list[str]:
    """Return the names of the sections."""
    return [section.name for section in knowledge.sections]


def test_changed_articles_serve_without_a_restart(folder: Path) -> None:
    """A new article is there at the next look, not before; what did not change is kept."""
    clock = Clock()
    shelf = Shelf(folder, clock=clock)
    first = shelf()
    shutil.copy(ARTICLES / "connect-amazon-store.md", folder)

    assert shelf() is first
    clock.now += LOOKS_EVERY
    second = shelf()
    clock.now += LOOKS_EVERY

    assert names(first) == ["send-inventory#wro"]
    assert names(second) == ["connect-amazon-store#connect", "send-inventory#wro"]
    assert shelf() is second


def test_a_broken_article_is_counted_and_the_others_serve(folder: Path) -> None:
    """Whoever saves half an article takes nothing from the others."""
    clock, counted = Clock(), list[int]()
    shelf = Shelf(folder, clock=clock, left_out=counted.append)
    (folder / "half.md").write_text("---\nid: half\n")
    clock.now += LOOKS_EVERY

    assert names(shelf()) == ["send-inventory#wro"]
    assert counted == [1]


def test_an_empty_folder_is_one_that_is_being_replaced(folder: Path) -> None:
    """Where all articles are gone, those from before go on serving."""
    clock = Clock()
    shelf = Shelf(folder, clock=clock)
    (folder / "send-inventory.md").unlink()
    clock.now += LOOKS_EVERY

    assert names(shelf()) == ["send-inventory#wro"]
