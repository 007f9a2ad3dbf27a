"""The command ``mdiff``: derive, check, weave, build, rules, explain.

Exit codes: 0 done, 1 a request failed, 2 the command was misused.
"""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from mdiff_pandoc.cli.arguments import divided, meant, option_of
from mdiff_pandoc.cli.cache import cache_command
from mdiff_pandoc.cli.check import check_command
from mdiff_pandoc.cli.completion import error_codes, option_values
from mdiff_pandoc.cli.misuse import misuse
from mdiff_pandoc.cli.reporting import ReportFile
from mdiff_pandoc.cli.weave import weave_command

if TYPE_CHECKING:
    from mdiff_pandoc.service import Answer

app = typer.Typer(
    name="mdiff",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Target(StrEnum):
    """What ``mdiff derive`` prints."""

    LATEX = "latex"
    MARKDOWN = "markdown"
    JSON = "json"
    NUMPY = "numpy"


class Check(StrEnum):
    """What ``mdiff build`` does with the equations of the author."""

    FALSE = "false"
    TRUE = "true"
    FAIL = "fail"


class _Build(TyperCommand):
    """Options that mdiff does not have go to pandoc; ``--check`` alone is ``--check=true``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own, passed = divided(args)
        for argument in args[: args.index("--") if "--" in args else None]:
            if argument in passed and (near := meant(argument)):
                misuse(f"there is no option {argument}; did you mean {near}?")
        given = ["--check=true" if arg == "--check" else arg for arg in own]
        return super().parse_args(ctx, [*given, "--", *passed])


class Table(StrEnum):
    """How ``mdiff rules`` prints the table."""

    MARKDOWN = "markdown"
    LATEX = "latex"
    JSON = "json"


class Pages(StrEnum):
    """How ``mdiff explain`` prints all pages."""

    MARKDOWN = "markdown"


def main() -> None:
    """Entry point of the console script."""
    app(prog_name="mdiff")


def _version(value: bool) -> None:
    if value:
        from mdiff_pandoc import __version__

        typer.echo(f"mdiff {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Verified, step-by-step matrix derivatives for documents.

    Write `$$\\nabla_X \\operatorname{tr}(AXB) = ?$$` in Markdown or LaTeX; the build writes the
    derivation in its place. Every line of it has been checked.

    Examples:

        mdiff build notes.md -o notes.html

        mdiff derive '\\nabla_X \\operatorname{tr}(AXB)'

        mdiff check notes.md

        mdiff weave notes.md

        pandoc notes.md --filter mdiff-pandoc --mathml -s -o notes.html

    Exit codes: 0 done, 1 a request failed, 2 the command was misused.
    """


@app.command()
def derive(
    latex: Annotated[
        str | None,
        typer.Argument(help="The derivative, with or without `= ?`; `-` reads it from stdin."),
    ] = None,
    *,
    declare: Annotated[
        list[str] | None,
        typer.Option(
            "--declare",
            "-d",
            metavar="DECL",
            help="A fact about a symbol, such as `X \\in \\mathbb{R}^{m \\times n}`, "
            "`S symmetric` or `r = Xw - y`. May be given several times.",
        ),
    ] = None,
    style: Annotated[
        str | None,
        typer.Option(
            autocompletion=option_values("style"),
            help="How to derive: `differential` (default), `index`, `occurrences`, `backprop`, "
            "`definition`.",
        ),
    ] = None,
    detail: Annotated[
        str | None,
        typer.Option(
            autocompletion=option_values("detail"),
            help="How much to show: `full` (default), `brief`, `result`.",
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(
            autocompletion=option_values("layout"),
            help="Layout of Jacobians: `numerator` (default), `denominator`.",
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            autocompletion=option_values("form"),
            help="Of a derivative with four indices: `index` (default) or `vec`; of a Hessian by "
            "a matrix: `map` (default) or `vec`.",
        ),
    ] = None,
    symmetric: Annotated[
        str | None,
        typer.Option(
            autocompletion=option_values("symmetric"),
            help="The gradient by a symmetric matrix: `projected` (default), or by its `entries`.",
        ),
    ] = None,
    functions: Annotated[
        str | None,
        typer.Option(
            autocompletion=option_values("functions"),
            help="log, exp, … of a matrix: `elementwise` (default) or `matrix`.",
        ),
    ] = None,
    to: Annotated[Target, typer.Option(help="What to print.")] = Target.LATEX,
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl", help="Serve: one JSON request a line on stdin, one answer a line on stdout."
        ),
    ] = False,
) -> None:
    """Derive one derivative and print its derivation.

    The derivation goes to stdout, what was assumed and how it was verified to stderr.

    Examples:

        mdiff derive '\\nabla_X \\operatorname{tr}(AXB)'

        mdiff derive '\\nabla_x x^\\top S x' --declare 'S symmetric' --detail result

        mdiff derive '\\nabla_w \\|Xw - y\\|^2' --to numpy

        echo '{"id": 1, "latex": "\\\\nabla_x x^T x"}' | mdiff derive --jsonl
    """
    given = {
        "style": style,
        "detail": detail,
        "layout": layout,
        "functions": functions,
        "form": form,
        "symmetric": symmetric,
    }
    options = {key: value for key, value in given.items() if value is not None}
    if jsonl:
        if latex is not None:
            misuse("--jsonl reads its requests from stdin; leave out LATEX")
        from mdiff_pandoc.cli.machine import serve

        serve(sys.stdin, sys.stdout, declare or [], options)
        return
    if latex is None:
        misuse("LATEX is missing; try: mdiff derive '\\nabla_x x^\\top A x'")
    source = sys.stdin.read().strip() if latex == "-" else latex
    from mdiff_pandoc.cli.machine import answer_request
    from mdiff_pandoc.errors import OptionError
    from mdiff_pandoc.service import Options

    try:
        Options.from_mapping(options)
    except OptionError as error:
        misuse(error.message + (f"; {error.hint}" if error.hint else ""))
    answer = answer_request(source, declare or [], options)
    if to is Target.JSON:
        typer.echo(json.dumps(answer.as_json(), ensure_ascii=False, indent=2))
    elif answer.error is None:
        typer.echo(_printed(answer, to))
    _comment(answer, source)
    if answer.error is not None:
        raise typer.Exit(1)


def _printed(answer: Answer, to: Target) -> str:
    if to is Target.NUMPY:
        return answer.numpy.rstrip()
    if to is Target.LATEX:
        return answer.derivation.strip()
    assumed = ", ".join(f"${fact}$" for fact in answer.assumed)
    parts = [f"$$\n{answer.derivation.strip()}\n$$", f"with {assumed}." if assumed else ""]
    return "\n\n".join(part for part in (*parts, *answer.notes) if part)


def _comment(answer: Answer, source: str) -> None:
    """Say on stderr what the printed formula alone does not say."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if answer.error is not None:
        console.print(Text(answer.error.show(source), "red"))
        return
    colour = "green" if answer.status == "verified" else "yellow"
    console.print(Text(_verdict(answer), colour))
    for fact in answer.assumed:
        console.print(Text(f"assumed: {fact}"))
    for note in answer.notes:
        console.print(Text(f"note: {note}"))
    for warning in answer.warnings:
        console.print(Text(f"warning: {warning}", "yellow"))


def _verdict(answer: Answer) -> str:
    verification = answer.verification
    if answer.status != "verified":
        reason = verification.get("reason") or "no evaluator could judge it"
        return f"{answer.status}: {reason}"
    points = f", {verification['points']} points" if verification.get("points") else ""
    return f"verified ({verification.get('method', '')}{points})"


app.command("check")(check_command)
app.command("cache")(cache_command)
app.command("weave")(weave_command)


@app.command(cls=_Build)
def build(
    file: Annotated[Path, typer.Argument(help="The document: .md, .tex or what pandoc reads.")],
    pandoc_args: Annotated[
        list[str] | None, typer.Argument(metavar="PANDOC OPTIONS", help="Passed on to pandoc.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write, such as notes.html.")
    ] = None,
    *,
    check: Annotated[
        Check | None,
        typer.Option(
            metavar="[=fail]",
            help="Check the equations of the author and mark them, as `check` in the metadata "
            "does; with `--check=fail`, fail when one is refuted. `--check=false` marks none.",
            show_choices=False,
        ),
    ] = None,
    report: ReportFile = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Report errors only.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Report every answer.")] = False,
) -> None:
    """Build a document with pandoc and this filter.

    The page is standalone, and HTML shows its formulas offline (MathML). Options that are not
    listed here go to pandoc and win over these defaults: `-t`, `--toc`, `--pdf-engine`, … So does
    all that stands behind `--`. `-o -` writes to the terminal. Pandoc is taken from the PATH, or
    from the extra `mdiff-pandoc[pandoc]`.

    Examples:

        mdiff build notes.md -o notes.html

        mdiff build paper.tex -o paper.pdf --check

        mdiff build paper.tex -o paper.pdf --number-sections

        mdiff build notes.md -o notes.docx --toc

    Exit codes: 0 the document is written, 1 the document says `on-error: fail` or `check: fail`
    and something failed, 2 the command was misused or pandoc failed.
    """
    from mdiff_pandoc.cli.building import build_document

    if output is None:
        name = file.with_suffix(".html").name
        if writer := option_of(pandoc_args or [], "-t", "--to", "-w", "--write"):
            name = f"NAME, or -o - to see the {writer.partition('+')[0]} here"
        misuse(f"where to? write: mdiff build {file} -o {name}")
    if not file.is_file():
        misuse(f"there is no file {file}")
    if output.exists() and output.samefile(file):
        misuse(f"{output} is the document itself; name another file to write, or use: mdiff weave")
    if quiet and verbose:
        misuse("--quiet and --verbose exclude each other")
    told = "quiet" if quiet else "verbose" if verbose else ""
    code = build_document(
        file, output, pandoc_args or [], told=told, check=check or "", record=report
    )
    raise typer.Exit(code)


@app.command()
def rules(
    to: Annotated[Table, typer.Option(help="What to print.")] = Table.MARKDOWN,
    cookbook: Annotated[
        bool,
        typer.Option("--cookbook", help="Print the identities of the literature, in Markdown."),
    ] = False,
) -> None:
    """Print the whole table of rules: statement, source and example of each.

    The statements are printed from the rules that the derivations apply, so they cannot drift.
    With --cookbook: the identities of the Matrix Cookbook, of Magnus and Neudecker and of Minka's
    note, as mdiff derives them, and what is not done and why.

    Examples:

        mdiff rules | less

        mdiff rules --to latex > rules.tex

        mdiff rules --cookbook > cookbook.md
    """
    if cookbook:
        from mdiff_pandoc.cli.cookbook import cookbook_page

        typer.echo(cookbook_page(), nl=False)
        return
    from mdiff_pandoc.cli.rules import json_page, latex_page, markdown_page

    pages = {Table.MARKDOWN: markdown_page, Table.LATEX: latex_page, Table.JSON: json_page}
    typer.echo(pages[to](), nl=False)


@app.command()
def explain(
    code: Annotated[
        str | None,
        typer.Argument(autocompletion=error_codes, help="The code in brackets behind a message."),
    ] = None,
    to: Annotated[Pages | None, typer.Option(help="Print all pages as one document.")] = None,
) -> None:
    """Explain the code of a message: what it means, how to mend it, an example.

    Without a code, list all codes.

    Examples:

        mdiff explain shape-mismatch

        mdiff explain --to markdown > errors.md
    """
    from mdiff_pandoc.cli.explanations import EXPLANATIONS

    if to is not None:
        if code is not None:
            misuse("--to prints the pages of all codes: leave out CODE")
        from mdiff_pandoc.cli.explain import errors_page

        typer.echo(errors_page(EXPLANATIONS), nl=False)
        return
    if code is None:
        for name, explanation in EXPLANATIONS.items():
            typer.echo(f"{name:16} {explanation.summary}")
        return
    if code not in EXPLANATIONS:
        import difflib

        near = difflib.get_close_matches(code, EXPLANATIONS, 1, 0.4)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(EXPLANATIONS)}"
        misuse(f"there is no code {code}; {hint}")
    typer.echo(EXPLANATIONS[code].page(code))
