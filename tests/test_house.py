"""The house keeps its own rules: names, cards, texts, imports, licences, and what help may load."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, entry_points
from pathlib import Path

import pytest

import relode
from relode.app import cards, find_method, method_names
from relode.app.check import check_definitions
from relode.words.shelf import Shelf
from relode.words.texts import DATA, catalogue

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "relode").rglob("*.py"))
HEAVY = ("numpy", "pandas", "duckdb", "scipy", "matplotlib", "docx", "typst", "pydantic", "yaml", "typer")


def loaded_by(code: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after `code`."""
    script = f"import sys\n{code}\nprint(' '.join(sorted({{n.split('.')[0] for n in sys.modules}})))"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(out.stdout.splitlines()[-1].split())


def test_importing_relode_loads_nothing_heavy() -> None:
    assert not loaded_by("import relode") & set(HEAVY)


def test_help_loads_nothing_heavy() -> None:
    code = "import relode.cli\nfrom typer.testing import CliRunner\nfrom relode.cli.main import cli\n"
    code += "assert CliRunner().invoke(cli, ['--help']).exit_code == 0"
    assert not loaded_by(code) & (set(HEAVY) - {"typer"})


def test_listing_methods_imports_none_of_them() -> None:
    code = "from relode.app.catalogue import cards\nassert cards()"
    assert "relode.measure" not in loaded_by(code + "\nassert 'relode.measure' not in sys.modules")


def test_public_names_are_sorted_and_there() -> None:
    assert relode.__all__ == sorted(relode.__all__)
    for name in relode.__all__:
        assert getattr(relode, name) is not None


@pytest.mark.parametrize("name", sorted(method_names()))
def test_every_method_has_its_card_docstring_and_room(name: str) -> None:
    method = find_method(name)
    card = method.card
    assert method.name == name
    assert method.function.__doc__, "the docstring says shapes, units and what is raised"
    assert method.function.__module__.startswith(f"relode.{name.split('.')[0]}")
    assert card.zh
    assert card.en
    assert card.cite
    assert len(method.choices) <= 8, "more than eight choices mean a plan"
    for lang in ("zh", "en"):
        assert len(card.page(lang)) > 400


def test_every_entry_point_is_declared_once_and_is_a_method() -> None:
    names = [point.name for point in entry_points(group="relode.methods")]
    assert len(set(names)) == len(names)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]["entry-points"]["relode.methods"]
    assert {name for name in names if name in declared} == set(declared)
    assert set(cards()) == set(names)


def string_calls() -> dict[str, set[str]]:
    """Codes of texts that the code names: first string of errors, notes, `say` and Chart titles."""
    found: dict[str, set[str]] = {}
    callers = {"say", "warn", "remark", "tell", "Note"} | {
        "UnknownWord", "Misfit", "Impossible", "Refused", "Held", "Unwritable",
    }  # fmt: skip
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf8"))):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in callers and isinstance(node.args[0].value, str):
                found.setdefault(node.args[0].value, set()).add(f"{path.name}:{node.lineno}")
    return found


def test_every_sentence_that_the_code_names_is_there_in_both_languages() -> None:
    known = set(catalogue()) | {code.removeprefix("web.") for code in catalogue()}  # pages speak within their family
    missing = {code: at for code, at in string_calls().items() if code not in known}
    assert not missing


FAMILIES = ("card.", "cli.option.", "code.", "column.", "shelf.", "type.", "unit.")
"""Codes that are put together from a family and a word of the data."""


def test_no_sentence_is_left_over() -> None:
    text = "\n".join(path.read_text("utf8") for path in SOURCES)
    made = tuple(set(re.findall(r'f"([a-z_]+\.)[a-z_.]*\{', text)) | set(FAMILIES))
    left = [
        code
        for code in catalogue()
        if not code.endswith(".mend") and f'"{code}"' not in text and not code.startswith(made)
    ]
    assert not left


def test_chinese_stands_in_data_and_not_in_code() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf8"))
        documented = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
            and isinstance(node.body[0], ast.Expr)
        }  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
                assert not han.search(node.value), f"{path.name}:{node.lineno}: {node.value[:30]}"


def test_the_packages_own_definitions_are_sound() -> None:
    faults, read = check_definitions(DATA)
    assert read > 0
    assert not faults, "\n".join(map(str, faults))


def test_every_plan_names_a_system_and_every_recipe_names_methods_that_exist() -> None:
    shelf = Shelf()
    for name in shelf.names("plans"):
        from relode.words.plan import Plan

        assert Plan.named(name, shelf).system.codes


def test_functions_stay_short() -> None:
    long = [
        f"{path.name}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 60
    ]
    assert not long


def test_no_copyleft_package_at_run_time() -> None:
    """GPL and AGPL never; LGPL and MPL are libraries' own business (used, not linked into ours)."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    wanted = list(declared["dependencies"]) + [d for e in declared["optional-dependencies"].values() for d in e]
    seen: set[str] = set()
    queue = [re.split(r"[\s<>=!~;\[]", text)[0] for text in wanted]
    while queue:
        name = queue.pop()
        if name.lower() in seen:
            continue
        seen.add(name.lower())
        try:
            package = distribution(name)
        except Exception:  # a dependency of another platform
            continue
        meta = package.metadata
        named = [meta.get("License-Expression") or "", (meta.get("License") or "").split("\n")[0]]
        licence = " ".join([*named, *(c for c in meta.get_all("Classifier") or [] if "License" in c)])
        assert not re.search(r"(?<![L])\bA?GPL|GNU (Affero )?General Public", licence), f"{name}: {licence}"
        queue += [re.split(r"[\s<>=!~;\[(]", text)[0] for text in package.requires or [] if "extra ==" not in text]


def test_wheel_and_repository_carry_no_font_script_or_data_of_others() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    foreign = [
        name for name in listed if name.endswith((".ttf", ".otf", ".woff", ".woff2", ".min.js", ".xlsx", ".parquet"))
    ]
    assert not foreign
