"""The documents that the arguments of a command name: files, folders and globs."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from msgspec import Struct

STDIN = "-"
DOCUMENTS = frozenset(".md .markdown .mdown .mkd .mkdn .qmd .rmd .tex .latex .ltx .ipynb".split())
_PASSED_OVER = frozenset({"node_modules", "site-packages", "__pycache__"})


class Found(Struct, frozen=True):
    """The files, each once and in the order of the arguments, and what names none."""

    files: tuple[str, ...]
    problems: tuple[str, ...]


def find_documents(arguments: Sequence[str]) -> Found:
    """The files that ``arguments`` name.

    A named file is taken whatever its ending; a folder gives the documents in it and below it,
    without hidden folders and those of packages; a pattern that is no file is expanded here,
    ``**`` too. ``-`` stands for stdin.
    """
    files: dict[str, str] = {}
    problems: list[str] = []
    for argument in arguments:
        for file in _named(argument, problems):
            key = file if file == STDIN else os.path.realpath(file)
            files.setdefault(key, file)
    return Found(tuple(files.values()), tuple(dict.fromkeys(problems)))


def _named(argument: str, problems: list[str]) -> list[str]:
    if argument == STDIN:
        return [STDIN]
    if os.path.isdir(argument):
        return _in_folder(argument, problems)
    if os.path.lexists(argument):
        return [argument]
    if glob.has_magic(argument):
        return _matching(argument, problems)
    problems.append(_missing(argument))
    return []


def _in_folder(folder: str, problems: list[str]) -> list[str]:
    before = len(problems)
    found = list(_walk(folder, problems))
    if not found and len(problems) == before:
        endings = " ".join(sorted(DOCUMENTS))
        problems.append(f"{folder}: no documents in this folder ({endings})")
    return found


def _walk(folder: str, problems: list[str]) -> Iterator[str]:
    def unreadable(error: OSError) -> None:
        problems.append(f"{error.filename}: cannot read the folder: {error.strerror}")

    for place, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not _passed_over(Path(place, name)))
        for name in sorted(files):
            if not name.startswith(".") and is_document(name):
                yield os.path.join(place, name)


def is_document(name: str) -> bool:
    """Does the ending of this file say that it is a document?"""
    return Path(name).suffix.lower() in DOCUMENTS


def _passed_over(folder: Path) -> bool:
    """Is it a hidden folder, or one of other people's packages?"""
    hidden = folder.name.startswith(".")
    return hidden or folder.name in _PASSED_OVER or (folder / "pyvenv.cfg").exists()


def _matching(pattern: str, problems: list[str]) -> list[str]:
    matches = sorted(glob.glob(pattern, recursive=True))
    ending = Path(pattern).suffix
    any_file = bool(ending) and not glob.has_magic(ending)
    found: list[str] = []
    for match in matches:
        if any(map(_passed_over, _folders_found(match, pattern))):
            continue
        if not os.path.isdir(match):
            found += [match] if any_file or is_document(match) else []
        elif "**" not in pattern:
            found += _walk(match, problems)
    if not matches:
        problems.append(f"nothing matches the pattern {pattern}")
    elif not found:
        problems.append(f"no document matches the pattern {pattern}")
    return found


def _folders_found(match: str, pattern: str) -> Iterator[Path]:
    """The folders on the way to ``match`` that ``pattern`` does not name itself."""
    named = Path(pattern).parts
    for path in (Path(match), *Path(match).parents):
        if path.name and path.name not in named and path.is_dir():
            yield path


def _missing(argument: str) -> str:
    path = Path(argument)
    try:
        near = get_close_matches(path.name, os.listdir(path.parent), 1, 0.6)
    except OSError:
        near = []
    hint = f"; did you mean {path.parent / near[0]}?" if near else ""
    return f"{argument}: there is no such file{hint}"
