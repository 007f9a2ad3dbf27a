"""Documents that ask at odd places and in odd ways: right, or a message, and nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.convert import Converted, convert

ROOT = Path(__file__).parent.parent
ASKED = r"\nabla_x x^\top x = ?"


def pandoc(*arguments: str, text: str | bytes = "") -> bytes:
    given = text.encode() if isinstance(text, str) else text
    command = [find_pandoc(), *arguments]
    return subprocess.run(command, input=given, check=True, capture_output=True).stdout


def run(raw: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The filter as a process, as pandoc runs it."""
    command = [sys.executable, str(ROOT / "filters" / "mdiff.py"), *(arguments or ("html",))]
    return subprocess.run(command, input=raw, capture_output=True, check=False)


def words(node: Any) -> Iterator[str]:
    """All that stands in a document (parsed JSON): text, formulas, code, addresses, attributes."""
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            stack += (value for key, value in node.items() if key != "t")


def lost(raw: bytes, done: Converted) -> list[str]:
    """What stood in the document and does no more; a request whose answer is there is not lost."""
    before, after = json.loads(raw), json.loads(done.json)
    missing = Counter(words(before)) - Counter(words(after))
    options = ("detail", "brief")  # they did their work
    return [word for word in missing if "= ?" not in word and word not in options]


CONTEXTS = {
    "heading": ("# A heading with $Q$ {#id .cls}", 1),
    "heading of a display": ("# A heading with $$Q$$", 1),
    "title": ("---\ntitle: A title with $Q$\nabstract: |\n  Text\n\n  $$Q$$\n---\n\nText", 2),
    "list in the metadata": ("---\nauthor: [a, {name: b, note: $Q$}]\n---\n\nText", 1),
    "footnote": ("A note[^1] here.\n\n[^1]: With $Q$ and\n\n    $$Q$$\n", 2),
    "link": ("See [the $Q$ page](http://a.b 'title') there.", 1),
    "image": ("![A picture of $Q$](a.png 'title'){width=3cm}", 2),
    "image in a sentence": ("See ![a picture of $Q$](a.png) here.", 1),
    "table": ("| a $Q$ | b |\n|---|---|\n| $Q$ | $$Q$$ |\n\n: A caption with $Q$ {#tbl:a}\n", 4),
    "grid": (
        "+------------------------------+\n| $Q$      |\n+==============================+\n"
        "| - $$Q$$  |\n+------------------------------+\n",
        2,
    ),
    "definition list": ("Term with $Q$\n\n:   A definition with $Q$\n\n    $$Q$$\n", 3),
    "line block": ("| A line with $Q$\n|   another $$Q$$\n", 2),
    "tight list": ("1. one $$Q$$ two\n2. $$Q$$\n", 2),
    "block quote in a list": ("- a\n\n  > $$Q$$\n\n- b", 1),
    "emphasis": ("*text **$Q$** ~~$$Q$$~~ text*", 2),
    "quoted": ('"quoted $Q$ text" and [small $$Q$$ caps]{.smallcaps}', 2),
    "superscript": ("H~$Q$~ and x^$Q$^", 2),
    "citation": ("See [see @doe99, $Q$, p. 3] and @doe99 [$Q$].", 2),
    "html": ("<div class='a'>$$Q$$</div>\n\n<b>$Q$</b> <!-- $Q$ -->", 2),
    "raw formats": ("`x`{=foo} $Q$ `#y`{=typst}\n\n```{=bar}\n$Q$\n```\n", 1),
    "code": ("`$Q$` and\n\n    $$Q$$\n\n```\n$$Q$$\n```\n", 0),
    "escaped dollars": (r"It costs \$5 = ? and \$6 = ?", 0),
    "empty formulas": ("$$ $$ and $$\n$$ and \\(\\) and $$?$$ and $= ?$ and $$ = ? $$", 0),
    "a div left open": ("::: mdiff\n\n$$Q$$\n\nText\n", 1),
    "a div closed twice": ("::: a\n$Q$\n:::\n\n:::\n\nText $Q$", 2),
    "a span left open": ("[A span with $Q$ and {.mdiff}", 1),
    "options without a place": ("::: {.mdiff detail=brief #a key=value}\n$$Q$$\n:::", 1),
    "several": ("$$Q$$ $$Q$$ and $$Q$$", 3),
    "comments": ("$$Q % a comment with $ and } and \\end{align}\n$$", 1),
    "unknown environment": ("\\begin{foo}\n$Q$\n\\end{foo}\n\n$Q$", 1),
    "theorem": ("\\begin{theorem}\n\\[Q\\]\n\\end{theorem}", 0),
    "right to left": ("[שלום $Q$]{dir=rtl} \u200f$Q$", 2),
    "control characters": ("a\u0007b \u00a0 $Q$ \u2028 \ufeff \U0001f600", 1),
    "crlf": ("# A\r\n\r\n$$\r\nQ\r\n$$\r\n", 1),
    "tabs": ("-\t$$Q$$\n\n\ttext", 1),
}


@pytest.mark.parametrize("writer", ["html", "latex", "docx", "plain"])
@pytest.mark.parametrize("name", CONTEXTS)
def test_requests_at_odd_places_are_answered_and_nothing_is_lost(name: str, writer: str) -> None:
    text, count = CONTEXTS[name]
    raw = pandoc("-t", "json", "-s", text=text.replace("Q", ASKED))
    done = convert(raw, writer)
    assert not done.fatal
    assert lost(raw, done) == []
    assert done.json.count(b'"data-result"') == count
    assert done.report == ()
    pandoc("-f", "json", "-t", writer, "-o", "-", text=done.json)


def test_a_request_in_a_citation_is_answered_behind_citeproc_too() -> None:
    text = f"See [see @doe, ${ASKED}$].\n\n---\nreferences: [{{id: doe, type: book}}]\n---\n"
    raw = pandoc("-t", "json", "-s", "--citeproc", text=text)
    page = pandoc("-f", "json", "-t", "plain", text=convert(raw, "plain").json).decode()
    assert "= 2" in page
    assert "?" not in page


WRONG_OPTIONS = [
    ("mdiff: 5", "no map", "detail: full"),
    ("mdiff: [detail, brief]", "no map", "detail: full"),
    ("mdiff: '*text*'", "no map", "detail: full"),
    ("mdiff: {detail: [brief, full]}", "`detail` cannot be a list", "full, brief, result"),
    ("mdiff: {detail: {a: b}}", "`detail` cannot be a map", "full, brief, result"),
    ("mdiff: {detail: 5}", "`detail` cannot be `5`", "full, brief, result"),
    ("mdiff: {detail: null}", "`detail` has no value", "full, brief, result"),
    ("mdiff: {detial: brief}", "unknown option `detial`", "did you mean `detail`?"),
    ("mdiff: {DETAIL: brief}", "unknown option `DETAIL`", "did you mean `detail`?"),
    ("mdiff: {on_error: keep}", "unknown option `on_error`", "did you mean `on-error`?"),
    ("mdiff: {badge: {true: false}}", "`badge` cannot be a map", "true, false"),
    ("mdiff: {badge: 2}", "`badge` cannot be `2`", "true, false"),
    ("mdiff: {badge: $x$}", "`badge` cannot be `$x$`", "true, false"),
    ("mdiff: {on-error: true}", "`on-error` cannot be `true`", "mark, keep, fail"),
    ("mdiff: {on-error: [fail]}", "`on-error` cannot be a list", "mark, keep, fail"),
    ("mdiff: {check: [fail]}", "`check` cannot be a list", "true, false, fail"),
    ("mdiff: {steps: opened}", "`steps` cannot be `opened`", "did you mean `open`?"),
    ("mdiff: {symbols: [A]}", "`symbols` is no map", "symbols: {A: m×n"),
    ("mdiff: {symbols: {A: [m, k]}}", "cannot read a list, the shape of symbol `A`", "`A: m×n`"),
    ("mdiff: {symbols: {A: null}}", "cannot read nothing, the shape of symbol `A`", "`A: m×n`"),
    ("mdiff: {symbols: {A: '*big* thing'}}", "cannot read `big thing`", "`A: m×n`"),
    ("mdiff: {file: [a, b]}", "`file` cannot be a list", "name"),
    ("mdiff: {rules: [a]}", "`rules` cannot be a list", "address"),
    ("mdiff: {phrases: a}", "`phrases` is no map", "phrases: {"),
    ("mdiff: {phrases: {and: [b]}}", "the phrase `and` is given no words", "phrases: {"),
    ("mdiff: {width: wide}", "`width` cannot be `wide`", "8.6cm"),
    ("mdiff: {cache: ''}", "`cache` has no value", "true, false"),
]


@pytest.mark.parametrize(("metadata", "message", "hint"), WRONG_OPTIONS)
def test_wrong_options_are_told_and_everything_is_done_without_them(
    metadata: str, message: str, hint: str
) -> None:
    raw = pandoc("-t", "json", "-s", text=f"---\n{metadata}\n---\n\nText ${ASKED}$\n")
    done = convert(raw, "html")
    assert not done.fatal
    assert b'"data-result"' in done.json
    assert json.loads(done.json)["meta"] == json.loads(raw)["meta"]
    [told] = done.report
    assert message in told
    assert hint in told
    assert "[option]" in told


@pytest.mark.parametrize("metadata", ["mdiff:", "mdiff: {}", "mdiff: ''", "mdiff: {symbols: {}}"])
def test_options_that_say_nothing_are_no_error(metadata: str) -> None:
    done = convert(pandoc("-t", "json", "-s", text=f"---\n{metadata}\n---\n\n${ASKED}$"), "html")
    assert done.report == ()
    assert b'"data-result"' in done.json


ALIGN = "\\begin{align}\nf &= x^\\top x \\\\\n\\nabla_x f &= ?\n\\end{align}\n"
UNREAD = {
    "a blank line": ("markdown", f"$$\n{ASKED[:-3]}\n\n= ?\n$$", "blank line"),
    "a blank line in a quote": ("gfm", f"> $${ASKED[:-3]}\n>\n> = ?$$", "blank line"),
    "an environment in gfm": ("gfm", ALIGN, "aligned"),
    "an environment in CommonMark": ("commonmark_x", ALIGN, "aligned"),
    "a space behind the dollar": ("markdown", f"Text $ {ASKED}$", "no space"),
    "brackets": ("markdown", f"So \\[ {ASKED} \\] holds", "tex_math_single_backslash"),
    "parentheses": ("markdown", f"- so \\({ASKED}\\) holds", "tex_math_single_backslash"),
    "no dollars": ("markdown", rf"So \frac{{\partial f}}{{\partial x}} = ? {ASKED}", "dollars"),
    "no dollars, and formulas": ("gfm", f"So ${ASKED}$ and {ASKED} and $x$ = ?", "dollars"),
}


@pytest.mark.parametrize("name", UNREAD)
def test_a_request_that_pandoc_read_as_text_is_told_with_what_to_write(name: str) -> None:
    reader, text, advice = UNREAD[name]
    raw = pandoc("-f", reader, "-t", "json", text=text)
    done = convert(raw, "html", markdown=reader == "markdown")
    assert not done.fatal
    told = [message for message in done.report if "[unread]" in message]
    assert told
    assert all(advice in message and "was read as text" in message for message in told)
    assert lost(raw, done) == []
    assert (done.json is raw) == (name != "no dollars, and formulas")


READ = [
    f"Text ${ASKED}$ and\n\n$$\n{ASKED}\n$$",
    ALIGN,
    f"::: mdiff-skip\nAn exercise: {ASKED}\n:::",
    f"---\nmdiff: {{requests: marked}}\n---\n\nAn exercise: {ASKED}",
    f"Code `{ASKED}`, and what is \\nabla? Is 1 + 1 = ?",
    f"    {ASKED}\n\n```\n{ASKED}\n```\n\n```{{=latex}}\n{ASKED}\n```",
    r"$\nabla f$ = ? and $\partial f$ costs \$2",
]


@pytest.mark.parametrize("text", READ)
def test_what_is_read_or_is_no_request_is_not_told(text: str) -> None:
    done = convert(pandoc("-t", "json", "-s", text=text), "html")
    assert done.report == ()


NO_DOCUMENTS = [b"", b"  \n", b"{", b"# A note", b"[1, 2]", b"5", b'{"meta": {}}', b"\xff\xfe{}"]


@pytest.mark.parametrize("raw", NO_DOCUMENTS)
def test_what_is_no_document_is_refused_with_what_to_run(raw: bytes) -> None:
    done = run(raw)
    assert done.returncode == 2
    assert done.stdout == b""
    told = done.stderr.decode()
    assert told.startswith("mdiff: error: ")
    assert "[document]" in told
    assert "--filter mdiff-pandoc" in told


def tree(blocks: str, version: str = "[1,23,1]") -> bytes:
    return f'{{"pandoc-api-version":{version},"meta":{{}},"blocks":[{blocks}]}}'.encode()


FORMULA = r'{"t":"Para","c":[{"t":"Math","c":[{"t":"InlineMath"},"\\nabla_x x^T x = ?"]}%s]}'


@pytest.mark.parametrize("raw", [b'[{"unMeta":{}},[]]', tree(FORMULA % "", "[1,20]")])
def test_a_document_of_an_old_pandoc_is_passed_on_with_a_message(raw: bytes) -> None:
    done = run(raw)
    assert (done.returncode, done.stdout) == (0, raw)
    assert b"this pandoc is too old" in done.stderr
    assert b"install pandoc 2.17 or newer" in done.stderr


def test_elements_of_a_pandoc_that_is_newer_are_kept() -> None:
    new = '{"t":"Novel","c":[{"t":"Odd"}]}'
    raw = tree(f"{new},{FORMULA % (',' + new)}", "[2,0]")
    done = convert(raw, "html")
    assert b'"data-result"' in done.json
    assert done.json.count(new.encode()) == 2
    assert done.report == ()


def nested(depth: int) -> bytes:
    return tree('{"t":"Div","c":[["",[],[]],[' * depth + FORMULA % "" + "]]}" * depth)


def test_deep_nesting_is_read() -> None:
    # Python 3.12 limits the calls of C in each other to 1,500, whatever is asked of it
    depth = 400 if sys.version_info[:2] == (3, 12) else 1000
    for source in (nested(depth), pandoc("-t", "json", text="> " * 200 + f"${ASKED}$")):
        done = run(source)
        assert done.returncode == 0
        assert done.stderr == b""
        assert b'"data-result"' in done.stdout


def test_nesting_beyond_all_measure_is_passed_on_with_a_message() -> None:
    raw = nested(200_000)
    done = run(raw)
    assert (done.returncode, done.stdout) == (0, raw)
    assert b"nested too deeply" in done.stderr


@pytest.mark.parametrize(("policy", "code"), [("fail", 1), ("mark", 0)])
def test_a_fault_of_mdiff_passes_the_document_on(policy: str, code: int) -> None:
    raw = pandoc("-t", "json", "-s", text=f"---\nmdiff: {{on-error: {policy}}}\n---\n\n${ASKED}$")
    raw = raw.replace(b'"blocks":[', b'"blocks":[{"t":"Para"},')
    done = run(raw)
    assert done.returncode == code
    assert done.stdout == (b"" if code else raw)
    assert b"[internal]" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("writer", ["nowriter", "/a/custom.lua", "html+smart", "", "日本"])
def test_writers_that_nobody_knows_get_the_plain_form(writer: str) -> None:
    raw = pandoc("-t", "json", text=f"$${ASKED}$$")
    done = convert(raw, writer)
    assert b'"data-result"' in done.json
    assert done.report == ()


def test_a_custom_writer_of_pandoc_gets_the_answer(tmp_path: Path) -> None:
    custom = tmp_path / "mine.lua"
    custom.write_text("function Writer(doc) return pandoc.write(doc, 'plain') end\n")
    raw = pandoc("-t", "json", text=f"${ASKED}$")
    done = convert(raw, str(custom))
    assert "2" in pandoc("-f", "json", "-t", str(custom), text=done.json).decode()


def test_odd_characters_in_the_source_are_no_problem() -> None:
    text = b"\xef\xbb\xbfa \x00 \x1b $" + ASKED.encode() + b"$ \xf0\x9f\x98\x80"
    done = convert(pandoc("-t", "json", text=text), "html")
    assert b'"data-result"' in done.json
