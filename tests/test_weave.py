"""`mdiff weave` writes derivations into sources, and takes them out again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import mdiff_pandoc
from mdiff_pandoc.cli import app
from mdiff_pandoc.cli.pandoc import PandocMissing, find_pandoc
from mdiff_pandoc.document.weave import weaver
from mdiff_pandoc.document.weave.dialects import Dialect
from mdiff_pandoc.document.weave.text import FileText
from mdiff_pandoc.errors import OptionError

try:
    find_pandoc()
except PandocMissing:
    pytest.skip("pandoc is not installed", allow_module_level=True)

NOTE = r"""Let $X \in \mathbb{R}^{n \times d}$.

$$\nabla_X \operatorname{tr}(X^\top X) = ?$$

- The gradient $\nabla_w \|w\|^2 = ?$ is
  linear.
"""
PAPER = r"""\documentclass{article}
\usepackage{amsmath}
\begin{document}
Here ($\nabla_x x^\top x = ?$) and
\begin{equation}\label{eq:a}
  \nabla_X \operatorname{tr}(AX) = ?
\end{equation}
\end{document}
"""


def run(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["weave", *arguments], input=stdin)
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(("name", "text"), [("note.md", NOTE), ("paper.tex", PAPER)])
@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
def test_weave_and_strip(tmp_path: Path, name: str, text: str, eol: str) -> None:
    file = tmp_path / name
    original = b"\xef\xbb\xbf" + text.replace("\n", eol).encode()
    file.write_bytes(original)
    assert run(str(file))[0] == 0
    woven = file.read_bytes()
    assert woven.startswith(b"\xef\xbb\xbf")
    assert rb"\nabla_X \phi" in woven or rb"\nabla_X f" in woven
    assert rb"= 2 w$" in woven or rb"= 2 x$" in woven
    assert run(str(file))[0] == 0
    assert file.read_bytes() == woven
    assert run("--check", str(file)) == (0, "", "")
    assert run("--strip", str(file))[0] == 0
    assert file.read_bytes() == original


def test_a_stale_file_fails_with_a_diff(tmp_path: Path) -> None:
    file = tmp_path / "note.md"
    file.write_text(NOTE)
    code, out, _ = run("--check", str(file))
    assert code == 1
    assert r"+<!-- mdiff: $$\nabla_X \operatorname{tr}(X^\top X) = ?$$ -->" in out
    assert file.read_text() == NOTE
    code, shown, _ = run("--diff", str(file))
    assert (code, shown) == (0, out)


def test_an_edit_by_hand_is_told_of_and_lost(tmp_path: Path) -> None:
    file = tmp_path / "note.md"
    file.write_text(NOTE)
    run(str(file))
    file.write_text(file.read_text().replace(r"\nabla_X f", "$$ ``` broken").replace("= 2 w", ""))
    code, _, told = run("--strip", str(file))
    assert code == 0
    assert "note.md:3: warning: this derivation was edited by hand" in told
    assert file.read_text() == NOTE


def test_stdin_to_stdout() -> None:
    code, woven, _ = run("-", stdin=NOTE.encode())
    assert code == 0
    assert run("--strip", "-", stdin=woven.encode())[1] == NOTE


def test_a_lost_comment_stops_the_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "note.md"
    file.write_text(NOTE)
    run(str(file))
    broken = "".join(
        line for line in file.read_text().splitlines(keepends=True) if "<!-- /" not in line
    )
    file.write_text(broken)
    code, _, told = run(str(file))
    assert code == 1
    assert "note.md:3: error: a woven derivation has no end [weave-marker]" in told
    assert file.read_text() == broken


def test_the_python_face() -> None:
    woven = mdiff_pandoc.weave(NOTE)
    assert woven.count == 2
    assert woven.messages == ()
    assert mdiff_pandoc.weave(woven.text, strip=True).text == NOTE
    failed = mdiff_pandoc.weave(r"$\nabla_x (x = ?$", "latex", name="paper")
    assert failed.text == r"$\nabla_x (x = ?$"
    assert failed.messages[0].startswith("paper:1:11: error: ( is never closed [parse]")
    with pytest.raises(OptionError, match="unknown dialect 'rtf'"):
        mdiff_pandoc.weave("", "rtf")


@pytest.mark.parametrize(
    ("preamble", "warned"),
    [
        ("", True),
        (r"\usepackage{graphicx, hyperref}", True),
        (r"\usepackage[intlimits]{amsmath}", False),
        (r"\usepackage{mathtools}", False),
        (r"\input{preamble}", False),
    ],
)
def test_a_preamble_without_amsmath_is_told(preamble: str, warned: bool) -> None:
    text = "\n".join((r"\documentclass{article}", preamble, PAPER[PAPER.index(r"\begin{d") :]))
    messages = mdiff_pandoc.weave(text, "latex").messages
    assert any("[weave-amsmath]" in message for message in messages) is warned


def test_derivations_are_in_the_authors_macros() -> None:
    text = r"""\newcommand{\vx}{\mathbf{x}}
\DeclareMathOperator{\tr}{tr}
\newcommand{\T}{^{\top}}
\newcommand{\be}{\begin{equation}}
$\nabla_{\vx} \vx\T\vx = ?$ and
\begin{equation} \nabla_X \tr(AX) = ? \end{equation}
\newcommand{\R}{\mathbb{R}}
"""
    woven = mdiff_pandoc.weave(text, "latex").text
    assert r"$\nabla_{\vx} \vx\T\vx = 2 \vx$" in woven
    assert r"df &= \tr(A\, dX)" in woven
    assert r"\mathbb{R}^{" in woven  # the macro for it comes later
    assert woven.count(r"\be") == 1 + woven.count(r"\begin")


@pytest.mark.parametrize(
    "before", [r"By 100\%", r"a\\", r"\\\%", "% a comment\n", "50\\% % a comment\n", ""]
)
def test_a_request_may_stand_right_behind_a_percent_sign_or_a_line_break(before: str) -> None:
    text = before + r"$\nabla_x x^\top x = ?$ and $\nabla_x a^\top x = ?$."
    woven = mdiff_pandoc.weave(text, "latex")
    assert (woven.count, woven.messages) == (2, ())
    assert mdiff_pandoc.weave(woven.text, "latex", strip=True).text == text
    again = mdiff_pandoc.weave(woven.text, "latex")
    assert again.text == woven.text


def test_what_cannot_be_taken_out_again_is_left_out_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    comes_back = weaver._comes_back

    def refused(made: FileText, dialect: Dialect, bare: FileText) -> bool:
        return "a^\\top x = a" not in made.raw and comes_back(made, dialect, bare)

    monkeypatch.setattr(weaver, "_comes_back", refused)
    woven = mdiff_pandoc.weave("$\\nabla_x x^\\top x = ?$ and $\\nabla_x a^\\top x = ?$.\n")
    assert woven.count == 1
    assert "= 2 x$" in woven.text
    assert woven.text.endswith(" and $\\nabla_x a^\\top x = ?$.\n")
    [message] = woven.messages
    assert "no place for the answer to \\nabla_x a^\\top x = ? [weave-place]" in message


def test_a_table_drawn_with_spaces_is_told_to_become_one_of_pipes() -> None:
    lines = (
        "  a                        b",
        "-----------------------  -----",
        "$\\nabla_x x^T x = ?$  c",
    )
    text = "\n".join(lines) + "\n"
    woven = mdiff_pandoc.weave(text)
    assert (woven.count, woven.text) == (0, text)
    assert "make it a table of pipes" in woven.messages[0]


def test_a_build_warns_of_derivations_that_were_edited_by_hand(tmp_path: Path) -> None:
    woven = mdiff_pandoc.weave("Text.\n\n$\\nabla_x x^\\top x = ?$\n").text
    edited = tmp_path / "edited.md"
    edited.write_text(woven.replace("= 2 x$", "= 3 x$"))
    (tmp_path / "note.md").write_text(woven)
    told = {}
    for name in ("edited.md", "note.md"):
        command = ["build", str(tmp_path / name), "-o", str(tmp_path / "page.html")]
        done = subprocess.run(
            [sys.executable, "-c", "from mdiff_pandoc.cli import main; main()", *command],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0
        told[name] = done.stderr
    assert "edited.md:3: warning: this derivation was edited by hand" in told["edited.md"]
    assert told["note.md"] == ""


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
def test_github_reads_no_environment_and_no_title_block(eol: str) -> None:
    asked = r"\nabla_x x^\top x = ?"
    lines = (f"% ${asked}$", "", r"\begin{equation}", asked, r"\end{equation}", "", f"$`{asked}`$")
    text = eol.join((*lines, ""))
    woven = mdiff_pandoc.weave(text, "gfm")
    assert woven.count == 2
    assert not any("weave-place" in message for message in woven.messages)
    assert woven.text.count("= 2 x") == 2
    assert mdiff_pandoc.weave(woven.text, "gfm", strip=True).text == text
