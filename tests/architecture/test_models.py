"""The schema stays a readable schema, and every name in it can be turned into a sentence."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, UniqueConstraint

import models
from models import APPEND_ONLY, Base

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = [
    path
    for path in sorted((ROOT / "tables").glob("*.py"))
    if path.stem not in ("__init__", "base", "guards", "functions")
]


@pytest.mark.parametrize("path", SECTIONS, ids=lambda p: p.name)
def test_a_table_is_described_and_holds_no_logic(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and "StrEnum" not in ast.unparse(node.bases[0]):
            assert ast.get_docstring(node), f"{node.name} does not say what one row is"
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 5, f"{node.name} is more than one expression"


def test_models_is_the_index_of_every_table():
    tables = {mapper.class_.__name__ for mapper in Base.registry.mappers}
    assert tables <= set(models.__all__)


def test_every_constraint_has_a_name():
    nameless = [
        f"{table.name}: {constraint}"
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint | UniqueConstraint) and not constraint.name
    ]
    assert nameless == []


def test_append_only_tables_exist_and_hold_nothing_that_must_be_erasable():
    for name in APPEND_ONLY:
        columns = set(Base.metadata.tables[name].columns.keys())
        assert not columns & {"national_code", "mobile", "first_name", "last_name", "body"}, name


def test_money_is_whole_rials_in_big_integers():
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if "rials" in column.name or column.name in ("amount", "balance"):
                assert "BIGINT" in str(column.type.compile()).upper(), f"{table.name}.{column.name}"
