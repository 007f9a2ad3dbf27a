"""The page of recipes is followed to the letter, with the real tools where they are installed."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from recipes import PAGE, ROOT, Kitchen, recipes

from mdiff_pandoc.cli.files import DOCUMENTS
from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.convert import convert

STEP = r"identification"  # the rule of the last line of the derivation
WRONG = "\n$$\\nabla_w \\|w\\|^2 = w$$\n"


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    return Kitchen(tmp_path)


def test_every_recipe_has_a_test_and_every_test_a_recipe() -> None:
    """The tests say what they cook."""
    named = set()
    for file in Path(__file__).parent.glob("test_recipes*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            if call.func.attr in {"cook", "prepare"}:
                named.add(ast.literal_eval(call.args[0]))
    assert named | {"Shells"} == set(recipes())  # test_completion.py has the shells


def test_the_page_itself_is_built_without_a_word() -> None:
    raw = subprocess.run([find_pandoc(), str(PAGE), "-t", "json"], check=True, capture_output=True)
    done = convert(raw.stdout, "html", file=PAGE.name)
    assert done.report == ()
    assert done.json.count(b'"mdiff-verified"') == 2


def test_pandoc(kitchen: Kitchen) -> None:
    said = kitchen.cook("pandoc")
    assert said == ""
    assert STEP in kitchen.read("notes.html")
    assert "<math" in kitchen.read("notes.html")
    assert kitchen.path("notes.docx").stat().st_size > 5000
    assert STEP in kitchen.read("notes.tex")


def test_the_defaults_file_of_the_repository_works(kitchen: Kitchen) -> None:
    kitchen.prepare("pandoc")
    kitchen.run(f"pandoc --defaults '{ROOT / 'filters' / 'mdiff.yaml'}' notes.md -o notes.html")
    assert STEP in kitchen.read("notes.html")
    ours = yaml.safe_load((ROOT / "filters" / "mdiff.yaml").read_text("utf-8"))
    assert ours == yaml.safe_load(kitchen.read("mdiff.yaml"))


def test_quarto(kitchen: Kitchen) -> None:
    """Without Quarto, pandoc runs what Quarto finds for the name in the document."""
    recipe = kitchen.prepare("Quarto")
    shutil.copytree(ROOT / "filters" / "quarto" / "_extensions", kitchen.path("_extensions"))
    if shutil.which("quarto"):
        kitchen.run(recipe.commands[0])
        page = kitchen.read("lecture.html")
        assert 'id="eq-gradient"' in page
    else:
        head = yaml.safe_load(kitchen.read("lecture.qmd").split("---\n")[1])
        [name] = head["filters"]
        extension = kitchen.path("_extensions") / name
        told = yaml.safe_load((extension / "_extension.yml").read_text("utf-8"))
        shim = extension / told["contributes"]["filters"][0]
        done = kitchen.run(f"pandoc -f markdown lecture.qmd --lua-filter '{shim}' --mathml -t html")
        assert done.stderr == ""
        page = done.stdout
        assert "{#eq-gradient}" in page
    assert STEP in page


def test_r_markdown(kitchen: Kitchen) -> None:
    """Without R, pandoc gets the arguments that R Markdown would pass on."""
    recipe = kitchen.prepare("R Markdown and bookdown")
    if shutil.which("Rscript") and not subprocess.call(
        ["Rscript", "-e", "library(rmarkdown)"], stderr=subprocess.DEVNULL
    ):
        kitchen.run(recipe.commands[0])
    else:
        head = yaml.safe_load(kitchen.read("report.Rmd").split("---\n")[1])
        arguments = " ".join(head["output"]["html_document"]["pandoc_args"])
        kitchen.run(f"pandoc -f markdown report.Rmd {arguments} --mathml -s -o report.html")
    assert STEP in kitchen.read("report.html")


def test_make(kitchen: Kitchen) -> None:
    kitchen.needs("make")
    kitchen.write("other.md", r"$\nabla_x x^\top x = ?$")
    assert kitchen.cook("Make").count("mdiff build") == 2
    assert STEP in kitchen.read("notes.html")
    assert kitchen.run("make -j 2").stdout.count("mdiff build") == 0
    later = kitchen.path("notes.html").stat().st_mtime + 1
    os.utime(kitchen.path("notes.md"), (later, later))
    again = kitchen.run("make -j 2").stdout
    assert re.findall("mdiff build (\\S+)", again) == ["notes.md"]
    kitchen.run("make notes.tex check")
    assert STEP in kitchen.read("notes.tex")
    kitchen.write("notes.md", kitchen.read("notes.md") + WRONG)
    said = kitchen.run("make check", code=2).stdout
    assert re.search(r"(?m)^notes\.md:\d+:20: refuted: ", said)


def test_latexmk(kitchen: Kitchen) -> None:
    kitchen.needs("latexmk", "pdflatex")
    kitchen.cook("latexmk")
    assert STEP in kitchen.read("notes.tex")
    assert kitchen.path("paper.pdf").stat().st_size > 10000
    assert "Warning" not in kitchen.read("paper.log")


def matches(pattern: dict[str, Any], output: str) -> list[tuple[str, ...]]:
    """What VS Code lists: file, line, column and message of each problem."""
    keys = ("file", "line", "column", "message")
    found = [re.match(pattern["regexp"], line) for line in output.splitlines()]
    return [tuple(match[pattern[key]] for key in keys) for match in found if match]


def test_vs_code(kitchen: Kitchen) -> None:
    kitchen.prepare("VS Code")
    kitchen.write("wrong.md", WRONG)
    check, build = json.loads(kitchen.read(".vscode/tasks.json"))["tasks"]
    matcher = check["problemMatcher"]
    assert check["args"].pop() == "--watch"
    printed = kitchen.run(" ".join(["mdiff", *check["args"]]), code=1).stdout
    [(file, line, column, message)] = matches(matcher["pattern"], printed)
    assert kitchen.path(file).samefile(kitchen.path("wrong.md"))
    assert (line, column) == ("2", "20")
    assert message.startswith("refuted: ")
    ends = [re.match(matcher["background"]["endsPattern"], line) for line in printed.splitlines()]
    assert [bool(end) for end in ends] == [False] * (len(ends) - 1) + [True]
    place = {"file": kitchen.path("notes.md"), "fileDirname": kitchen.folder}
    place["fileBasenameNoExtension"] = Path("notes")
    names = [re.sub(r"\$\{(\w+)\}", lambda m: str(place[m[1]]), arg) for arg in build["args"]]
    kitchen.run(" ".join([build["command"], *names]))
    assert STEP in kitchen.read("notes.html")


def test_vs_code_sees_where_a_round_of_watching_begins(kitchen: Kitchen) -> None:
    kitchen.prepare("VS Code")
    matcher = json.loads(kitchen.read(".vscode/tasks.json"))["tasks"][0]["problemMatcher"]
    watching = subprocess.Popen(
        ["bash", "-c", "exec mdiff check . --watch"],
        cwd=kitchen.folder,
        env=kitchen.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert watching.stdout
        begins = watching.stdout.readline()
    finally:
        watching.terminate()
        watching.communicate(timeout=30)
    assert re.match(matcher["background"]["beginsPattern"], begins)


def as_used_by_pre_commit(kitchen: Kitchen) -> Path:
    """A repository with the hooks of this one, which use the mdiff on the PATH."""
    repository = kitchen.folder.parent / "hooks"
    repository.mkdir()
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    for hook in hooks:
        assert hook.pop("language") == "python"
        del hook["additional_dependencies"]
        hook["language"] = "system"
    (repository / ".pre-commit-hooks.yaml").write_text(yaml.safe_dump(hooks))
    commit(kitchen, repository)
    return repository


def commit(kitchen: Kitchen, folder: Path) -> None:
    who = "-c user.name=A -c user.email=a@example.org -c commit.gpgsign=false"
    kitchen.run(f"cd '{folder}' && git init -q . && git add . && git {who} commit -qm notes")


def test_pre_commit(kitchen: Kitchen) -> None:
    """The hooks as they stand, but for the installation, which .ci/run has."""
    kitchen.needs("git", "pre-commit")
    kitchen.run(f"pre-commit validate-manifest '{ROOT / '.pre-commit-hooks.yaml'}'")
    recipe = kitchen.prepare("pre-commit")
    repository = as_used_by_pre_commit(kitchen)
    revision = kitchen.run(f"git -C '{repository}' rev-parse HEAD").stdout.strip()
    config = kitchen.read(".pre-commit-config.yaml")
    config = config.replace("REPOSITORY", str(repository)).replace("REVISION", revision)
    kitchen.write(".pre-commit-config.yaml", config)
    commit(kitchen, kitchen.folder)
    [commands] = recipe.commands
    kitchen.run(commands)
    kitchen.write("wrong.md", WRONG + "\n$$\\nabla_x \\|x\\|^2 = ?$$\n")
    kitchen.run("git add .")
    said = kitchen.run(commands, code=1).stdout
    assert "wrong.md:2:20: refuted" in said
    assert "+<!-- mdiff: $$\\nabla_x \\|x\\|^2 = ?$$ -->" in said


def test_the_hooks_take_the_files_that_the_command_takes_in_folders() -> None:
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")):
        assert "require_serial" in hook
        for ending in DOCUMENTS:
            assert re.search(hook["files"], f"notes/a{ending}")
            assert re.search(hook["files"], f"A{ending.upper()}")
        assert not re.search(hook["files"], "a.py")


def scripts(steps: list[str]) -> list[str]:
    """The commands of a job, but for what installs."""
    assert steps[0] == "python -m pip install 'mdiff-pandoc[pandoc]'"
    return steps[1:]


def test_github(kitchen: Kitchen) -> None:
    kitchen.prepare("GitHub")
    kitchen.write("wrong.md", WRONG)
    workflow = yaml.safe_load(kitchen.read(".github/workflows/mdiff.yml"))
    [job] = workflow["jobs"].values()
    judge, woven, keep = scripts([step["run"] for step in job["steps"] if "run" in step])
    assert "::error file=./wrong.md,line=2,col=20," in kitchen.run(judge, code=1).stdout
    assert "+<!-- /mdiff" in kitchen.run(woven, code=1).stdout
    kitchen.run("mdiff weave .")
    kitchen.run(woven)
    kitchen.run(keep)
    [upload] = [step["with"] for step in job["steps"] if "sarif" in step.get("uses", "")]
    [log] = json.loads(kitchen.read(upload["sarif_file"]))["runs"]
    assert [result["level"] for result in log["results"]].count("error") == 1


def test_gitlab(kitchen: Kitchen) -> None:
    kitchen.prepare("GitLab")
    kitchen.write("wrong.md", WRONG)
    job = yaml.safe_load(kitchen.read(".gitlab-ci.yml"))["mdiff"]
    [judge] = scripts(job["script"])
    kitchen.run(judge, code=1)
    report = ET.parse(kitchen.path(job["artifacts"]["reports"]["junit"])).getroot()
    assert len(report.findall(".//failure")) == 1


@pytest.mark.parametrize(
    ("title", "file", "schema"),
    [
        ("GitHub", ".github/workflows/mdiff.yml", "github-workflows"),
        ("GitLab", ".gitlab-ci.yml", "gitlab-ci"),
        ("Sphinx and MyST", ".readthedocs.yaml", "readthedocs"),
    ],
)
def test_the_workflows_have_the_form_that_the_hosts_ask_for(
    kitchen: Kitchen, title: str, file: str, schema: str
) -> None:
    kitchen.needs("check-jsonschema")
    kitchen.write(file, recipes()[title].files[file])
    kitchen.run(f"check-jsonschema --builtin-schema vendor.{schema} {file}")
