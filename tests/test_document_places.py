"""A message points at the place in the author's file, or at none.

In the documents of ``places/``, ``«`` stands before each place that a message is about. A name such
as ``x.gfm.md`` tells pandoc's reader, ``x.check.md`` that equations are checked.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mdiff_pandoc.cli.explanations import EXPLANATIONS
from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.convert import Converted, convert
from mdiff_pandoc.document.message import Message

FOLDER = Path(__file__).parent / "places"
READERS = ("gfm", "commonmark_x")
MARK = "«"
CODES = [
    code
    for code, page in EXPLANATIONS.items()
    if page.language == "markdown" and page.example and not code.startswith("weave-")
]


def expected(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without marks, and the lines and columns where they stood."""
    places, clean = [], []
    for number, line in enumerate(text.split("\n"), 1):
        before, *parts = line.split(MARK)
        for part in parts:
            places.append((number, len(before) + 1))
            before += part
        clean.append(before)
    return "\n".join(clean), places


def converted(folder: Path, files: list[str], name: str, *, check: bool = False) -> Converted:
    reader = next((part for part in name.split(".") if part in READERS), "")
    flags = ["--from", reader] if reader else []
    raw = subprocess.run(
        [find_pandoc(), *(str(folder / file) for file in files), "-t", "json", *flags],
        check=True,
        capture_output=True,
    )
    return convert(raw.stdout, "html", file=str(folder / name), check="true" if check else "")


def places(messages: tuple[Message, ...]) -> list[tuple[int, int] | None]:
    spots = [spot for message in messages for spot in (message.spot, *message.more)]
    return [(spot.line, spot.column) if spot else None for spot in spots]


@pytest.mark.parametrize("written", ["as it is", "with CRLF and a byte order mark"])
@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_messages_point_at_the_places(tmp_path: Path, name: str, written: str) -> None:
    clean, marks = expected((FOLDER / name).read_text("utf-8"))
    data = clean.encode()
    if written != "as it is":
        data = b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")
    (tmp_path / name).write_bytes(data)
    done = converted(tmp_path, [name], name, check=".check." in name)
    assert sorted(place or (0, 0) for place in places(done.messages)) == marks
    firsts = [message.spot for message in done.messages if message.spot]
    assert firsts == sorted(firsts, key=lambda spot: (spot.line, spot.column))
    lines = clean.split("\n")
    for spot in firsts:
        if not name.endswith(".ipynb"):
            assert spot.text == lines[spot.line - 1]
            assert spot.offset == spot.column - 1
        assert (spot.cell is not None) == name.endswith(".ipynb")


@pytest.mark.parametrize("name", ["codes.check.md", "codes.check.tex"])
def test_the_documents_of_all_codes_have_them(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(expected((FOLDER / name).read_text("utf-8"))[0], "utf-8")
    done = converted(tmp_path, [name], name, check=True)
    told = {message.code or message.kind for message in done.messages}
    # LaTeX has no options and no code blocks, and its formulas always end where they should
    missing = set() if name.endswith(".md") else {"option", "declaration", "unread"}
    assert told == {code for code in CODES if code not in missing}


WRONG = r"$\nabla_x (x = ?$"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (f"{WRONG}\n", f"text\n\n{WRONG}\n"),
        (r"$\nabla_x x^T x = ?$", f"{WRONG}\n"),
        (f"`{WRONG}`\n", f"{WRONG}\n"),
        (f"a <!-- {WRONG} --> b\n", f"{WRONG}\n"),
        (f"<!--\n{WRONG}\n-->\n", f"{WRONG}\n"),
        (f"    {WRONG}\n", f"{WRONG}\n"),
        (f"``` tex\n{WRONG}\n```\n", f"{WRONG}\n"),
        ("---\nmdiff: {style: indx}\n---\n", "---\nmdiff: {stile: a}\n---\n"),
        ("::: {.mdiff stile=b}\nA\n:::\n", "::: {.mdiff stile=b}\n$\\nabla_x x^T x$\n:::\n"),
        ("    {style=indx}\n", "::: {.mdiff style=indx}\n$\\nabla_x x^T x$\n:::\n"),
        ("``` mdiff\n\\nabla_x x^T x\n```\n", "``` mdiff\n\\nabla_x (x^T x\n```\n"),
        ("text\n", f"``` mdiff\n{WRONG[1:-1]}\n```\n"),
    ],
)
def test_what_stands_in_another_file_has_no_place_in_this_one(
    tmp_path: Path, one: str, two: str
) -> None:
    (tmp_path / "one.md").write_text(one, "utf-8")
    (tmp_path / "two.md").write_text(two, "utf-8")
    done = converted(tmp_path, ["one.md", "two.md"], "one.md")
    assert set(places(done.messages)) == {None}
    assert all(line.startswith(f"{tmp_path}/one.md: ") for line in done.report)


@pytest.mark.parametrize("name", ["gone.md", "folder.md", "latin1.md"])
def test_a_file_that_cannot_be_read_gives_the_number_of_the_equation(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "note.md").write_text(WRONG, "utf-8")
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "latin1.md").write_bytes(b"\xe9 " + WRONG.encode())
    done = converted(tmp_path, ["note.md"], name)
    assert done.report[0].startswith(f"{tmp_path}/{name}: equation 1: error: ")
    assert "^" in done.report[0]


def test_the_author_may_name_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "note.md").write_text(f"---\nmdiff: {{file: note.md}}\n---\n\n{WRONG}\n", "utf-8")
    raw = subprocess.run(
        [find_pandoc(), str(tmp_path / "note.md"), "-t", "json"], check=True, capture_output=True
    )
    monkeypatch.chdir(tmp_path)
    [line] = convert(raw.stdout, "html").report
    assert line.startswith("note.md:5:11: error: ")


def test_a_tree_that_another_filter_changed_gives_no_wrong_place(tmp_path: Path) -> None:
    text = f"A first $x = 1$.\n\n{WRONG}\n"
    raw = subprocess.run(
        [find_pandoc(), "-t", "json"], input=text.encode(), check=True, capture_output=True
    )
    (tmp_path / "note.md").write_text("Other words, $x = 1$, and $E = mc^2$.\n", "utf-8")
    [message] = convert(raw.stdout, "html", file=str(tmp_path / "note.md")).messages
    assert message.spot is None


def test_a_document_without_a_message_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "note.md"
    note.write_text("$\\nabla_x x^T x = ?$\n", "utf-8")
    raw = subprocess.run([find_pandoc(), str(note), "-t", "json"], check=True, capture_output=True)

    def refuse(_: Path) -> bytes:
        raise AssertionError("the file was read")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert convert(raw.stdout, "html", file=str(note)).messages == ()
