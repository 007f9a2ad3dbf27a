"""``mdiff build``: runs pandoc with the filter, and says in one place why there is no document."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import typer

from mdiff_pandoc.cli.misuse import misuse
from mdiff_pandoc.cli.pandoc import PandocMissing, is_latex, run_pandoc, shows_mathml
from mdiff_pandoc.cli.reporting import refuse_report

_FILTER_FAILED = 83
_INTERRUPTED = 130
_ENGINES = ("xelatex", "lualatex", "tectonic", "typst", "weasyprint")
_CHOOSING = ("-t", "-w", "--to", "--write", "-d", "--defaults")  # arguments that change the engine
_ADVICE = {
    6: "mdiff passes on the options that it does not have itself: mdiff build --help",
    21: "name a format that pandoc reads: pandoc --list-input-formats",
    22: "name a format that pandoc writes: pandoc --list-output-formats",
    43: "look for the formula or package that TeX names; -- --verbose shows all of its output",
    47: "install it, or choose another one with --pdf-engine=…",
    64: "mend the document at the place that pandoc names",
    92: "convert the document to UTF-8",
    99: "a file that the document or an argument names is not there",
}


def build_document(
    file: Path,
    output: Path,
    arguments: Sequence[str],
    *,
    told: str = "",
    check: str = "",
    record: Path | None = None,
) -> int:
    """Build ``output`` from ``file``; the exit code of the command.

    ``arguments`` go to pandoc. ``told`` is ``quiet``, ``verbose`` or empty; ``check``, unless
    empty, is what the document is taken to say under ``mdiff: check:``; ``record`` is the file for
    the report for programs.
    """
    if not output.parent.is_dir():
        misuse(f"there is no folder {output.parent}")
    refuse_report(record, (file, output))
    if told != "quiet":
        _tell_of_edits(file)
    if missing := _missing_engine(output, arguments):
        return _failed(*missing)
    with tempfile.TemporaryDirectory() as folder:
        reason = Path(folder) / "stopped"
        environment = {
            "MDIFF_REPORT": told,
            "MDIFF_CHECK": check,
            "MDIFF_CSS": "true",
            "MDIFF_MATHML": "true" if shows_mathml(arguments) else "",
            "MDIFF_LANGUAGE": _language(file),
            "MDIFF_STOPPED": str(reason),
        }
        if record is not None:
            record.unlink(missing_ok=True)  # an old one would tell of another build
            environment["MDIFF_REPORT_FILE"] = str(record.absolute())
        try:
            code = run_pandoc(file, output, arguments, environment)
        except PandocMissing as error:
            return _failed(str(error))
        except KeyboardInterrupt:
            return _INTERRUPTED
        if code == 0:
            return 0
        if reason.exists():
            typer.echo(reason.read_text(encoding="utf-8"), err=True)
            return 1
    what = "a filter failed" if code == _FILTER_FAILED else f"pandoc ended with code {code}"
    return _failed(f"{output} is not written: {what}, see above", _ADVICE.get(code, ""))


def _language(file: Path) -> str:
    """The language that a LaTeX source tells in a way that pandoc does not pass on."""
    if not is_latex(file):
        return ""
    from mdiff_pandoc.document.words.tag import language_of_latex

    try:
        return language_of_latex(file.read_text("utf-8", errors="replace"))
    except OSError:
        return ""  # pandoc will say why


def _tell_of_edits(file: Path) -> None:
    """Warn of woven derivations that somebody changed, which nothing has checked."""
    try:
        data = file.read_bytes()
    except OSError:
        return  # pandoc will say why
    if b" /mdiff " not in data:
        return
    from mdiff_pandoc.cli.weave.run import edited_in

    for message in edited_in(data, str(file)):
        typer.echo(message.plain(), err=True)


def _missing_engine(output: Path, arguments: Sequence[str]) -> tuple[str, str] | None:
    """What to say where the program that makes the PDF is known to be missing."""
    if output.suffix.lower() != ".pdf":
        return None
    engine = "pdflatex"
    for argument, following in zip(arguments, [*arguments, ""][1:], strict=True):
        if argument.startswith(_CHOOSING):
            return None
        name, equals, value = argument.partition("=")
        if name == "--pdf-engine":
            engine = value if equals else following
    if shutil.which(engine):
        return None
    others = [name for name in _ENGINES if name != engine and shutil.which(name)]
    advice = "install it, or build .html or .docx instead"
    if others:
        advice = f"install it, or write: mdiff build … -o {output} --pdf-engine={others[0]}"
    return f"{output} cannot be built: {engine} is not installed", advice


def _failed(text: str, advice: str = "") -> int:
    """Say why there is no document; the exit code."""
    typer.echo(f"mdiff: {text} [pandoc]", err=True)
    if advice:
        typer.echo(f"  help: {advice}", err=True)
    return 2
