"""Links lead somewhere, make targets exist, and what is shown as printed is printed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
import typer.main

from docs import pages
from library import LIBRARY, library
from populace.cli.app import app
from populace.clock import DAY_US
from populace.engine import Window, generate, whole
from populace.plan import resolve
from populace.worlds import registry

NAMES = [pages.name(page) for page in pages.PAGES]
QUICK = ("worlds", "describe", "plan", "--help", "--version")
EPOCH_US = 1_767_916_800_000_000
"""2026-01-09, as the page says."""
TIMES = re.compile(r"\d+\.\d s to generate")


def printed(capsys: pytest.CaptureFixture[str], words: Sequence[str]) -> list[str]:
    """What a command prints."""
    typer.main.get_command(app).main(list(words), prog_name="populace", standalone_mode=False)
    return TIMES.sub("s to generate", capsys.readouterr().out).splitlines()


def assert_shown(shown: Sequence[str], lines: Sequence[str]) -> None:
    """The lines shown are those printed, where `…` stands for any number of them."""
    place, loose = 0, False
    for line in shown:
        line = TIMES.sub("s to generate", line)
        if line == "…":
            loose = True
            continue
        while loose and place < len(lines) and lines[place] != line:
            place += 1
        assert place < len(lines), f"not printed (any more): {line!r}"
        assert lines[place] == line
        place, loose = place + 1, False
    assert loose or place == len(lines), f"not shown: {list(lines[place:])}"


def quick(page: str) -> list[pages.Typed]:
    return [t for t in pages.typed(page) if t.words[0] == "populace" and t.words[1] in QUICK]


def test_the_readme_shows_what_worlds_and_plan_print() -> None:
    assert {t.words[1] for t in quick("README.md")} >= {"worlds", "plan"}


@pytest.mark.parametrize("entry", quick("README.md"), ids=lambda t: t.command)
def test_what_the_readme_shows_is_printed(entry: pages.Typed, capsys: pytest.CaptureFixture[str], tmp_path: Path,
                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert_shown(entry.shown, printed(capsys, entry.words[1:]))


def test_inline_commands_of_the_readme_run(capsys: pytest.CaptureFixture[str], tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    inline = [
        words for words in pages.commands("README.md") if words[0] in QUICK and not {"WORLD", "./myapp"} & {*words}
    ]
    assert inline
    for words in [*inline, ["--help"]]:
        assert printed(capsys, words), words


def test_the_world_of_the_how_to_lives(capsys: pytest.CaptureFixture[str], tmp_path: Path,
                                       monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """The files are those on the page, and its plan is what the page shows."""
    page = LIBRARY
    code, (*_, channel) = library(tmp_path) / "__init__.py", pages.fenced(page, "python")
    monkeypatch.chdir(tmp_path)
    (entry,) = quick(page)
    shown = printed(capsys, entry.words[1:])
    assert_shown(entry.shown, shown)
    # With the channel the files are others, and so is the plan; the rows stay, and each chapter comes with an event.
    with code.open("a", encoding="utf-8") as file:
        file.write(channel)
    others = printed(capsys, entry.words[1:])
    assert (others[0] != shown[0], others[1:]) == (True, shown[1:])
    world = registry.find("./library")
    plan = resolve(world, "default", seed=1, epoch_us=EPOCH_US)
    rows: Counter[str] = Counter()
    for batch in generate(plan, whole(plan), Window(EPOCH_US - DAY_US, EPOCH_US), events=True):
        rows[batch.table] += batch.rows.num_rows
    assert rows["outbox"] == rows["chapters"] > 100


@pytest.mark.parametrize("page", NAMES)
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", pages.prose(page)):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        there = (pages.ROOT / page).parent / path if path else pages.ROOT / page
        assert there.exists(), f"{page}: {link}"
        if anchor:
            assert anchor in pages.headings(pages.name(there.resolve())), f"{page}: {link}"


def test_every_page_is_reached_from_the_readme() -> None:
    seen, waiting = set(), ["README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)#\s]+\.md)[^)]*\)", pages.prose(page))
        waiting += [pages.name(((pages.ROOT / page).parent / link).resolve()) for link in links]
    assert sorted(seen) == sorted(NAMES)


@pytest.mark.parametrize("page", NAMES)
def test_make_targets_exist(page: str) -> None:
    known = set(re.findall(r"^([a-z-]+):", pages.text("Makefile"), flags=re.MULTILINE))
    named = set(re.findall(r"(?:`|^    |^\$ )make ([a-z-]+)", pages.text(page), flags=re.MULTILINE))
    assert named <= known


def test_the_readme_names_the_two_commands() -> None:
    assert {"make demo", "make test"} <= set(re.findall(r"\*\*`([^`]+)`\*\*", pages.text("README.md")))


@pytest.mark.parametrize("page", NAMES)
def test_no_page_names_a_machine_or_what_is_not_ours_to_publish(page: str) -> None:
    assert not re.search(r"/tmp/|/work/|/root/|file://|\bpypi\b|[\U0001F300-\U0001FAFF✅]", pages.text(page))


@pytest.mark.parametrize(
    ("page", "worlds"),
    [("README.md", {"recoverlution", "hogflix", "campaigns"}), ("docs/how-to/your-own-postgres.md", {"recoverlution"})],
)
def test_the_plans_of_seeds_that_a_page_shows_are_those_of_today(
    page: str, worlds: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    seeds = re.findall(r"^\$ populace seed (\w+)(.* --now .*)\n((?:(?!\$ |```).*\n)*)", pages.text(page), re.MULTILINE)
    assert {world for world, *_ in seeds} == worlds
    for world, words, shown in seeds:
        said = re.findall(r"\bplan\W+([0-9a-f]{16})\b", shown)
        assert said, (world, words)
        options = [word for option in re.findall(r"--(?:seed|now) \S+", words) for word in option.split()]
        first = printed(capsys, ["plan", world, *options])[0]
        assert first.endswith(f"plan {said[0]}")
