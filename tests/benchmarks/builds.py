"""What mdiff costs a build: whole pandoc processes with the filter, against one that does nothing.

    python tests/benchmarks/builds.py [runs] [--long]

Prints medians of paired runs, and exits with 1 where a bound is missed. The document has 200
display and 200 inline requests of many kinds, no two the same. Pandoc itself takes longer to write
a page with derivations in it than one with questions. So that only the filters are compared, the
one that does nothing has panflute read and write the questions, and then hands the page with the
derivations to pandoc; the figures for it on the questions alone are printed as well. ``--long``
adds documents with up to 5,000 requests.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from mdiff_pandoc.cli.pandoc import find_pandoc  # noqa: E402

NO_OP = "import panflute\npanflute.run_filter(lambda element, document: None)\n"
HANDING = (  # does nothing too, and hands over what stands in a file
    "import io, os, sys, panflute\n"
    "panflute.run_filter(lambda element, document: None, output_stream=io.StringIO())\n"
    "with open(os.environ['PAGE'], encoding='utf-8') as page: sys.stdout.write(page.read())\n"
)
FILTER = (
    f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nimport mdiff_pandoc.filter as f\nf.main()\n"
)
DISPLAY = (
    r"\nabla_X \operatorname{{tr}}(A_{{{n}}} X B X^\top)",
    r"\nabla_x \|A_{{{n}}} x - b\|^2",
    r"\frac{{\partial}}{{\partial x}} A_{{{n}}} (x \odot x)",
    r"\nabla_X \log\det(X + C_{{{n}}})",
    r"\nabla_w \sum_{{i=1}}^m \log(1 + \exp(-y_i w^\top z_{{i}} + c_{{{n}}}))",
    r"\nabla_x^2 (x^\top A_{{{n}}} x)",
    r"\nabla_x \exp(a_{{{n}}}^\top x)",
    r"\frac{{\partial}}{{\partial x}} \sigma(W_{{{n}}} x + b)",
)
INLINE = (
    r"\nabla_X \operatorname{{tr}}(B_{{{n}}} X)",
    r"\nabla_x x^\top M_{{{n}}} x",
    r"\nabla_x \|x - c_{{{n}}}\|",
    r"\nabla_X \|X D_{{{n}}}\|_F^2",
)


class Cost(NamedTuple):
    """Seconds on the clock and on the processors, and MiB of memory."""

    wall: float
    cpu: float
    memory: float


def note(requests: int, mark: str = "?", *, edited: int = 0) -> str:
    """A document with as many requests, half of them in sentences."""
    parts = []
    for n in range(requests // 2):
        shown = DISPLAY[n % len(DISPLAY)].format(n=n + edited * (n == requests // 4))
        said = INLINE[n % len(INLINE)].format(n=n)
        parts.append(f"Paragraph {n} says a few words, and that ${said} = {mark}$ in a sentence.")
        parts.append(f"Another one leads to a formula.\n\n$$\n{shown} = {mark}\n$$\n")
    return "\n\n".join(parts)


def cost(command: list[str], environment: dict[str, str], given: bytes = b"") -> Cost:
    """What a process and its children cost."""
    # an installed program has its bytecode
    here = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as source, open(os.devnull, "wb") as nowhere:
        source.write(given)
        source.seek(0)
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=source, stdout=nowhere, env={**here, **environment}
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    assert status == 0, command
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


class Bench:
    """Files in a folder, and the ways to build them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = {"MDIFF_CACHE_DIR": str(folder / "cache")}
        self.missed: list[str] = []
        for name, text in (("no_op", NO_OP), ("handing", HANDING), ("mdiff", FILTER)):
            script = folder / name
            script.write_text(f"#!{sys.executable}\n{text}")
            script.chmod(0o755)

    def build(self, text: str, filter_: str = "", **environment: str) -> Cost:
        """A page of HTML with MathML."""
        command = [find_pandoc(), "-f", "markdown", "-t", "html", "--mathml"]
        command += ["--filter", str(self.folder / filter_)] if filter_ else []
        return cost(command, {**self.cache, **environment}, text.encode())

    def answered(self, text: str) -> str:
        """A file that holds the page with its derivations, in pandoc's JSON."""
        command = [find_pandoc(), "-t", "json"]
        asked = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
        run = subprocess.run(
            [str(self.folder / "mdiff"), "html"],
            input=asked.stdout,
            capture_output=True,
            env={**os.environ, **self.cache},
            check=True,
        )
        assert run.stderr == b"", run.stderr.decode()
        page = self.folder / "page.json"
        page.write_bytes(run.stdout)
        return str(page)

    def bound(self, name: str, value: float, most: float, unit: str = "") -> None:
        """Print a figure and whether it keeps its bound."""
        kept = value <= most
        print(f"{'ok ' if kept else 'MISSED'} {name}: {value:.2f}{unit}, at most {most:.2f}{unit}")
        if not kept:
            self.missed.append(name)


def medians(ways: dict[str, Callable[[int], Cost]], runs: int) -> dict[str, Cost]:
    """The medians of all ways, each of which is gone once in every run."""
    found: dict[str, list[Cost]] = {name: [] for name in ways}
    for run in range(runs):
        for name, way in ways.items():
            found[name].append(way(run))
    return {name: Cost(*map(statistics.median, zip(*c, strict=True))) for name, c in found.items()}


def ratios(bench: Bench, runs: int) -> None:
    """The builds of one document that was built before."""
    text, silent = note(400), note(400, "0")
    page = bench.answered(text)
    bench.build(text, "mdiff")
    serial = iter(range(10_000, 20_000))
    found = medians(
        {
            "pandoc alone": lambda _: bench.build(text),
            "does nothing, on the questions": lambda _: bench.build(text, "no_op"),
            "does nothing, hands the answers": lambda _: bench.build(text, "handing", PAGE=page),
            "mdiff, nothing changed": lambda _: bench.build(text, "mdiff"),
            "mdiff, one request changed": lambda _: bench.build(
                note(400, edited=next(serial)), "mdiff"
            ),
            "does nothing, no requests": lambda _: bench.build(silent, "no_op"),
            "mdiff, no requests": lambda _: bench.build(silent, "mdiff"),
        },
        runs,
    )
    for name, spent in found.items():
        print(f"{name:32} {spent.wall * 1000:6.0f} ms, {spent.cpu * 1000:6.0f} ms of processor")
    nothing = found["does nothing, hands the answers"]
    for name, most in (("nothing changed", 1.10), ("one request changed", 1.25)):
        spent = found[f"mdiff, {name}"]
        bench.bound(name, spent.wall / nothing.wall, most)
        print(f"   {name}, by the processor: {spent.cpu / nothing.cpu:.2f}")
    nothing, spent = found["does nothing, no requests"], found["mdiff, no requests"]
    bench.bound("no requests", spent.wall / nothing.wall, 0.85)
    print(f"   no requests, by the processor: {spent.cpu / nothing.cpu:.2f}")


def first(bench: Bench, runs: int) -> None:
    """The first build of a document."""
    text = note(400)
    page = bench.answered(text)
    empty = (str(bench.folder / f"cold-{run}") for run in range(runs))
    found = medians(
        {
            "does nothing": lambda _: bench.build(text, "handing", PAGE=page),
            "mdiff, first build": lambda _: bench.build(text, "mdiff", MDIFF_CACHE_DIR=next(empty)),
        },
        runs,
    )
    for name, spent in found.items():
        print(f"{name:32} {spent.wall * 1000:6.0f} ms, {spent.cpu * 1000:6.0f} ms of processor")
    over = found["mdiff, first build"].wall - found["does nothing"].wall
    bench.bound("first build, over one that does nothing", over, 3.0, " s")


def alone(bench: Bench, counts: tuple[int, ...]) -> Iterator[tuple[int, Cost]]:
    """The filter alone on documents of several lengths, with nothing in the cache."""
    for count in counts:
        command = [find_pandoc(), "-t", "json"]
        raw = subprocess.run(command, input=note(count).encode(), capture_output=True, check=True)
        cache = {"MDIFF_CACHE_DIR": str(bench.folder / f"long-{count}")}
        yield count, cost([str(bench.folder / "mdiff"), "html"], cache, raw.stdout)


def main() -> int:
    runs = next((int(word) for word in sys.argv[1:] if word.isdecimal()), 7)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        ratios(bench, runs)
        first(bench, max(1, runs // 3))
        counts = (400, 1250, 5000) if "--long" in sys.argv else (400,)
        spent = dict(alone(bench, counts))
        for count, found in spent.items():
            print(f"{count} requests alone: {found.cpu:.1f} s of processor, {found.memory:.0f} MiB")
        bench.bound("memory for 400 requests", spent[400].memory, 150, " MiB")
        if 5000 in spent:
            each = spent[5000].cpu / 5000 / (spent[1250].cpu / 1250)
            bench.bound("a request among 5,000, against one among 1,250", each, 1.3)
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
