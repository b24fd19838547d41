"""The generated files: dbt's from the catalog, `meta` and its own seeds, the sample's dated facts from dbt's seeds.

The catalog gives the sources, the staging models that only name a dataset's columns, texts and checks of all staging
models of datasets, and the macros that list datasets and units; a seed's YAML gives its staging model with its texts.
A test fails when a file is out of date. What must not be here: SQL that computes something; such a staging model is
written by hand in `models/staging/`.
"""

import csv
import io
import math
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

import ingest
from ingest.catalog import Dataset, Unit
from ingest.providers import PROVIDERS
from warehouse import meta
from warehouse.history import STORE_TEXTS
from warehouse.locations import PROJECT

STAGING = PROJECT / "models" / "staging"
GENERATED = STAGING / "generated"
MACROS = PROJECT / "macros"
DOCS = PROJECT / "models" / "docs"
# `ingest` reads no folder of another layer, so it has copies of these columns.
SAMPLE_SEEDS_PATH = Path(ingest.__file__).parent / "sample" / "world" / "seeds"
SAMPLE_SEEDS = {
    "fomc_target_range": ("effective_date", "lower_pct", "upper_pct"),
    "administered_rates": ("effective_date", "rate_name", "rate_pct"),
    "srf_small_value_exercises": (
        "operation_date",
        "operation_type",
        "release_time",
        "day_accepted_usd_mn",
        "has_exercise_note",
    ),
}

_SELECTED = re.compile(r"^    (?:.* as |\w+\.)?(\w+),?$", re.MULTILINE)  # a column of a query, one a line
_NOTICE = "Generated from the catalog by `liquidity generate`; do not edit."
NOT_STAGED = {"fact_renewals"}  # seeds that no model reads
# Staging models of tables of `meta`: the table, and when a row was written; the catalog is the same at every time. Of
# one that is written by hand only the texts are generated.
OF_META = {
    "catalog": ("catalog", ""),
    "freshness": ("freshness", "checked_at"),
    "quarantine": ("quarantine", "quarantined_at"),
    "releases": ("release", "checked_at"),
    "alert_observations": ("alert_observation", "observed_at"),
    "claim_measurements": ("claim_measurement", ""),
    "forecasts": ("forecast", "made_at"),
}
_CANONICAL = {
    "value_canonical": "The value in its canonical unit: billions of US dollars for amounts, else as it came.",
    "canonical_unit": "Unit of value_canonical.",
}


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _columns(columns: dict[str, str], indent: str) -> Iterator[str]:
    yield f"{indent}columns:"
    for name, text in columns.items():
        text = f"{{{{ doc('{name}') }}}}" if STORE_TEXTS.get(name) == text else text
        yield f"{indent}  - {{name: {name}, description: {_quote(text)}}}"


def _source(name: str, text: str, schema: str, tables: dict[str, tuple[str, dict[str, str]]]) -> Iterator[str]:
    yield from ("sources:", f"  - name: {name}", f"    description: {_quote(text)}", f"    schema: {schema}")
    yield "    tables:"
    for table, (words, columns) in tables.items():
        yield from (f"      - name: {table}", f"        description: {_quote(words)}")
        yield from _columns(columns, "        ")


def _texts(dataset: Dataset) -> dict[str, str]:
    return {column.name: column.text for column in dataset.columns}


def _has_unit_by_row(dataset: Dataset) -> bool:
    return any(column.unit is Unit.BY_ROW for column in dataset.columns)


def _staging_texts(dataset: Dataset) -> dict[str, str]:
    """Columns of the staging model, in order, with their texts."""
    canonical = _CANONICAL if _has_unit_by_row(dataset) else {}
    known = {name: STORE_TEXTS[name] for name in ("known_from", "known_basis")}
    return _texts(dataset) | canonical | dict(dataset.computed) | known


def _checks(dataset: Dataset) -> Iterator[str]:
    """Checks of the staging model that follow from the declaration: key, units, ranges that give their reason."""
    yield "    data_tests:"
    yield "      - unique_combination:"
    yield f"          name: grain_of_{dataset.table}"
    yield f"          arguments: {{columns: [{', '.join(dataset.key)}]}}"
    if _has_unit_by_row(dataset):
        yield "      - all_present:"
        yield f"          name: units_of_{dataset.table}_are_known"
        yield "          arguments: {columns: [value_canonical, unit]}"
    ranges = [column for column in dataset.columns if column.range_reason]
    if ranges:
        yield "      - within_ranges:"
        yield f"          name: plausible_{dataset.table}"
        yield "          arguments:"
        key = " || ' ' || ".join(dataset.key)
        yield f"            key: {_quote(key)}"
        yield "            ranges:"
        for column in ranges:
            low, high = column.plausible or (-math.inf, math.inf)
            yield f"              - {{column: {column.name}, min: {low:.15g}, max: {high:.15g},"
            yield f"                 reason: {_quote(column.range_reason)}}}"


def render_yaml() -> dict[Path, str]:
    """dbt's sources, a file for each provider and one for `meta`; words and checks of each staging model."""
    head = [f"# {_NOTICE}", "version: 2", ""]
    files = {
        "_source_meta": [*head, *_source("meta", "What the warehouse writes about itself", "meta", meta.source_texts())]
    }
    for provider in PROVIDERS:
        tables = {d.table: (f"{d.title}. {d.description}", _texts(d) | STORE_TEXTS) for d in provider.datasets}
        files[f"_source_{provider.name}"] = [*head, *_source(provider.name, provider.title, "history", tables)]
        for dataset in provider.datasets:
            words = f"{dataset.title}. {dataset.description}"
            model = ["models:", f"  - name: stg_{dataset.table}", f"    description: {_quote(words)}"]
            columns = _columns(_staging_texts(dataset), "    ")
            files[f"stg_{dataset.table}"] = [*head, *model, *_checks(dataset), *columns]
    return {GENERATED / f"{name}.yml": "\n".join(lines) + "\n" for name, lines in files.items()}


def render_docs() -> str:
    """Blocks with the texts of the columns that the log adds to every dataset."""
    blocks = (f"{{% docs {name} %}}{text}{{% enddocs %}}" for name, text in STORE_TEXTS.items())
    return "\n".join([f"# Columns that the log adds. {_NOTICE}", "", *blocks]) + "\n"


def render_models() -> dict[Path, str]:
    """The staging model of every dataset that has none written by hand."""
    files = {}
    for provider in PROVIDERS:
        for dataset in provider.datasets:
            if (STAGING / f"stg_{dataset.table}.sql").exists():
                continue
            names = [column.name for column in dataset.columns]
            if _has_unit_by_row(dataset):
                names.append("{{ canonical_value('value', 'unit') }} as value_canonical")
                names.append("{{ canonical_unit('unit') }} as canonical_unit")
            source = f"{{{{ source('{provider.name}', '{dataset.table}') }}}}\nwhere {{{{ is_known() }}}}"
            text = _model(_NOTICE, source, [*names, "known_from", "known_basis"])
            files[GENERATED / f"stg_{dataset.table}.sql"] = text
    return files


def _model(head: str, source: str, names: list[str]) -> str:
    select = ",\n    ".join(names)
    return f"{{#- {head} -#}}\nselect\n    {select}\nfrom {source}\n"


def render_seed_models() -> dict[Path, str]:
    """Staging model and texts of every seed: rows that were public at the as-of time, or all of them where the seed's
    `not_cut` has a reason. Of a model that is written by hand only the texts, where the seed's `staged` has those of
    the columns that the model adds or changes."""
    files = {}
    for path in sorted((PROJECT / "seeds").glob("*.yml")):
        (seed,) = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["seeds"]
        name, model = path.stem, f"stg_policy__{path.stem}"
        by_hand = STAGING / f"{model}.sql"
        said = seed.get("config", {}).get("meta", {})
        if name in NOT_STAGED or (by_hand.exists() and "staged" not in said):
            continue
        notice = f"Generated from dbt_project/seeds/{path.name} by `liquidity generate`; do not edit."
        columns = {column["name"]: column["description"] for column in seed["columns"]}
        if by_hand.exists():
            texts = columns | said["staged"]
            columns = {column: texts[column] for column in _SELECTED.findall(by_hand.read_text("utf-8"))}
        else:
            source = f"{{{{ ref('{name}') }}}}" + ("" if "not_cut" in said else "\nwhere {{ is_public() }}")
            files[GENERATED / f"{model}.sql"] = _model(notice, source, list(columns))
        words = f"{seed['description'].strip()} {said.get('not_cut', 'Rows that were public at the as-of time.')}"
        files[GENERATED / f"{model}.yml"] = _texts_of_model(notice, model, words, columns)
    return files


def _texts_of_model(notice: str, model: str, words: str, columns: dict[str, str]) -> str:
    lines = [f"# {notice}", "version: 2", "", "models:", f"  - name: {model}", f"    description: {_quote(words)}"]
    return "\n".join([*lines, *_columns(columns, "    ")]) + "\n"


def render_meta_models() -> dict[Path, str]:
    """Staging model and texts of the tables of `meta` that models read as they are."""
    files, texts = {}, meta.source_texts()
    notice = "Generated from warehouse/meta.py by `liquidity generate`; do not edit."
    for name, (table, written) in OF_META.items():
        words, columns = texts[table]
        condition = f"\nwhere {{{{ was_written('{written}') }}}}" if written else ""
        by_hand = STAGING / f"stg_meta__{name}.sql"
        if by_hand.exists():
            selected = _SELECTED.findall(by_hand.read_text("utf-8")) or list(columns)
            columns = {column: columns[column] for column in selected}
        else:
            source = f"{{{{ source('meta', '{table}') }}}}{condition}"
            files[GENERATED / f"stg_meta__{name}.sql"] = _model(notice, source, list(columns))
        files[GENERATED / f"stg_meta__{name}.yml"] = _texts_of_model(notice, f"stg_meta__{name}", words, columns)
    return files


def render_datasets() -> str:
    """Text of the macro `datasets()`: provider, table, id, key, date and series column of every dataset."""
    lines = [f"{{#- {_NOTICE} -#}}", "{% macro datasets() -%}"]
    lines += ["    {{ return(["]
    for provider in PROVIDERS:
        for dataset in provider.datasets:
            series = f"'{dataset.series_column}'" if dataset.series_column else "none"
            key = ", ".join(f"'{name}'" for name in dataset.key)
            lines += [
                f"        {{'provider': '{dataset.provider}', 'table': '{dataset.table}', 'id': '{dataset.id}',",
                f"         'date_column': '{dataset.date_column}', 'series_column': {series}, 'key': [{key}]}},",
            ]
    lines += ["    ]) }}", "{%- endmacro %}"]
    return "\n".join(lines) + "\n"


def render_units() -> str:
    """Text of the macros that bring a value into the canonical unit of its kind."""
    units = [unit for unit in Unit if unit is not Unit.BY_ROW]
    lines = [f"{{#- {_NOTICE}", "    A unit that is not listed gives null, and the check of value_canonical fails. -#}"]
    lines += ["{% macro canonical_value(value, unit) -%}", "    case {{ unit }}"]
    for unit in units:
        power = round(-math.log10(unit.factor))
        lines.append(f"        when '{unit.suffix}' then {{{{ value }}}}" + (f" / 1e{power}" if power else ""))
    lines += ["    end", "{%- endmacro %}", "", "{% macro canonical_unit(unit) -%}", "    case"]
    for canonical in dict.fromkeys(unit.canonical for unit in units if unit.canonical != unit.suffix):
        suffixes = ", ".join(f"'{unit.suffix}'" for unit in units if unit.canonical == canonical)
        lines.append(f"        when {{{{ unit }}}} in ({suffixes}) then '{canonical}'")
    return "\n".join([*lines, "        else {{ unit }}", "    end", "{%- endmacro %}"]) + "\n"


def render_sample_seeds() -> dict[Path, str]:
    """Copies of the dated facts that the simulated economy draws its values around, by path."""
    copies = {}
    for name, columns in SAMPLE_SEEDS.items():
        with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = [{column: row[column] for column in columns} for row in csv.DictReader(file)]
        text = io.StringIO()
        text.write(f"# Generated from dbt_project/seeds/{name}.csv by `liquidity generate`; do not edit.\n")
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        copies[SAMPLE_SEEDS_PATH / f"{name}.csv"] = text.getvalue()
    return copies


def render_all() -> dict[Path, str]:
    """Text of every generated file by path."""
    single = {
        MACROS / "datasets.sql": render_datasets(),
        MACROS / "canonical_units.sql": render_units(),
        DOCS / "log_columns.md": render_docs(),
    }
    return (
        render_yaml() | render_models() | render_seed_models() | render_meta_models() | single | render_sample_seeds()
    )


def left_over() -> list[Path]:
    """Files among the generated ones that are no longer written."""
    return sorted({*GENERATED.iterdir(), *SAMPLE_SEEDS_PATH.iterdir()} - render_all().keys())


def write() -> list[Path]:
    """Write the files and remove those that are left over; returns the paths of the written files."""
    files = render_all()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for path in left_over():
        path.unlink()
    return list(files)
