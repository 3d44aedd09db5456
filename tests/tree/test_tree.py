"""The shape of the tree: layout, dependency directions, words, and what must never be committed."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "pipeline", "agents", "api", "cli", "stack", "system", "sql", "bench", "simulate")
#: package -> the packages of ours it may import. Decisions know nothing of the wiring.
MAY_IMPORT = {
    "schemas": set(),
    "sql": set(),
    "pipeline": {"schemas", "sql"},
    "agents": {"pipeline", "schemas"},
    "api": {"pipeline", "schemas", "sql"},
    "stack": {"pipeline"},
    "simulate": {"pipeline", "schemas"},
    "system": {"pipeline", "schemas", "simulate", "stack"},
    "bench": {"pipeline", "schemas", "simulate", "sql", "stack", "system"},
    "cli": {"pipeline", "schemas", "simulate", "sql", "stack", "system", "bench"},
}
#: outside library -> the only packages that may import it.
OWNERS = {
    "faust": ("agents",),
    "mode": ("agents",),
    "fastapi": ("api",),
    "starlette": ("api",),
    "uvicorn": ("api",),
    "psycopg": ("pipeline/store",),
    "psycopg_pool": ("pipeline/store",),
    "aiokafka": ("agents", "pipeline/kafka.py"),
    "typer": ("cli",),
}
BANNED_NAMES = {"utils", "helpers", "common", "misc", "base"}
BANNED_CLASS_ENDINGS = ("Manager", "Handler", "Service", "Factory", "Impl")


def tracked(*patterns: str) -> list[Path]:
    """Files that git knows or would take, so that a test also sees what is about to be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\n")  # fmt: skip
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def product_files() -> list[Path]:
    return [path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] in PACKAGES]


def imported(path: Path) -> set[str]:
    """The full names of the modules a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_its_place_allows(package):
    allowed = MAY_IMPORT[package] | {package}
    for path in product_files():
        if path.relative_to(ROOT).parts[0] == package:
            ours = {name.split(".")[0] for name in imported(path)} & set(PACKAGES)
            assert ours <= allowed, f"{path.relative_to(ROOT)} imports {sorted(ours - allowed)}"


def test_each_outside_library_has_one_owner():
    for path in product_files():
        place = path.relative_to(ROOT).as_posix()
        for library in {name.split(".")[0] for name in imported(path)} & set(OWNERS):
            assert place.startswith(OWNERS[library]), f"{place} imports {library}, which belongs to {OWNERS[library]}"


def test_every_module_says_what_it_is():
    silent = [path for path in product_files() if not ast.get_docstring(ast.parse(path.read_text()))]
    assert [str(path.relative_to(ROOT)) for path in silent if path.read_text().strip()] == []


def test_no_module_outgrows_its_subject():
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in product_files()}
    assert {name: lines for name, lines in long.items() if lines > 300} == {}


def test_names_say_what_a_thing_does():
    for path in product_files():
        assert path.stem not in BANNED_NAMES, path
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                assert not node.name.endswith(BANNED_CLASS_ENDINGS), f"{path}: {node.name}"


def test_sql_lives_in_sql_files():
    statement = re.compile(r"(?is)\b(select\s.+\sfrom|insert\s+into|delete\s+from|update\s+\w+\s+set)\b")
    for path in product_files():
        tree = ast.parse(path.read_text())
        docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree)
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)}  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docs:
                assert not statement.search(node.value), f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_sql_file_begins_with_what_it_is_for():
    files = tracked("sql/**/*.sql", "sql/*.sql")
    assert files
    assert [path.name for path in files if not path.read_text().startswith("--")] == []


def test_migrations_are_numbered_without_a_gap():
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "sql/migrations").glob("*.sql"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_lock_files_name_no_registry_and_pin_by_hash():
    for path in tracked("*.lock", "web/package-lock.json"):
        text = path.read_text()
        assert "index-url" not in text
        assert '"resolved"' not in text
        assert "sha256:" in text or '"integrity"' in text


def test_nothing_committed_names_a_path_of_one_machine():
    machine = re.compile(r"(?<![\w.])/(?:root|home)/\w+/")
    for path in tracked("*.py", "*.md", "*.toml", "*.yml", "*.sh", "*.ts", "*.svelte", "Makefile"):
        if "samples" not in path.parts and path != Path(__file__):
            assert not machine.search(path.read_text()) or "/home/postgres" in path.read_text(), path
