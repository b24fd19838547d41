"""Descriptions of a generation's files: `datapackage.json`, `croissant.json` and `SHA256SUMS`.

One structure, the Frictionless descriptor, is made from the open database; the Croissant description has the same in
the terms of schema.org. What must not be here: writing Parquet (`warehouse/generation.py`) and checking a generation
(`warehouse/publication/verify.py`).
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from ingest.catalog import Licence
from ingest.providers import DATASETS, PROVIDERS
from warehouse.connection import DATABASE_NAME
from warehouse.generation import SIMULATED_NOTICE, SUMS, Generation, sha256_of, unit_of

PACKAGE = "datapackage.json"
CROISSANT = "croissant.json"

OWN = Licence("MIT", True, "Dated facts and words of this project.", "https://opensource.org/license/mit")
OWN_SOURCE = {"title": "dollar-liquidity: dated facts, each row with its source"}
_CREATOR = "dollar-liquidity"

# DuckDB type -> Frictionless Table Schema type (https://datapackage.org/standard/table-schema/).
FRICTIONLESS = {
    "DATE": "date", "TIMESTAMP": "datetime", "BOOLEAN": "boolean", "VARCHAR": "string", "DOUBLE": "number",
    "BIGINT": "integer", "INTEGER": "integer", "HUGEINT": "integer",
}  # fmt: skip
# Frictionless type -> schema.org type, as Croissant has it
# (https://docs.mlcommons.org/croissant/docs/croissant-spec.html).
_SCHEMA_ORG = {
    "date": "sc:Date", "datetime": "sc:DateTime", "boolean": "sc:Boolean", "string": "sc:Text", "number": "sc:Float",
    "integer": "sc:Integer",
}  # fmt: skip


def field_type(dtype: str) -> str:
    """Frictionless type of a DuckDB type."""
    return FRICTIONLESS.get(dtype.split("(")[0], "number" if "DEC" in dtype else "any")


Column = tuple[str, str, str | None]  # name, DuckDB type, comment


def columns_of_marts(con: duckdb.DuckDBPyConnection) -> dict[str, list[Column]]:
    """Columns of each mart of the open database, in their order. Asked once: it takes 8 ms whatever it is asked for."""
    found: dict[str, list[Column]] = {}
    for mart, *column in con.execute(
        "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() "
        "WHERE schema_name = 'marts' AND database_name = current_database() ORDER BY table_name, column_index"
    ).fetchall():
        found.setdefault(mart, []).append(tuple(column))
    return found


def fields(
    con: duckdb.DuckDBPyConnection, mart: str, columns: Collection[Column], withheld: Collection[str] = ()
) -> list[dict[str, Any]]:
    """``columns`` of a mart with type, unit and description, as Frictionless fields; without those ``withheld``.

    An integer column with gaps has the type `number`: Frictionless reads Parquet through pandas, which turns integers
    with gaps into floats, and reports every gap of an `integer` as an error.
    """
    integers = [name for name, dtype, _ in columns if field_type(dtype) == "integer"]
    counts = "".join(f', count("{name}")' for name in integers)
    (total, *filled) = con.execute(f"SELECT count(*){counts} FROM marts.{mart}").fetchone()  # type: ignore[misc]
    has_gaps = {name: count < total for name, count in zip(integers, filled, strict=True)}
    result = []
    for name, dtype, comment in columns:
        if name in withheld:
            continue
        field = {"name": name, "type": "number" if has_gaps.get(name) else field_type(dtype)}
        if unit := unit_of(name):
            field["unit"] = unit
        if comment:
            field["description"] = comment
        result.append(field)
    return result


def _licences(sources: Iterable[str]) -> list[dict[str, str]]:
    """Terms under which a file with values of these sources may be passed on, as Frictionless licences.

    Terms that forbid it are left out, because their columns are not in the file.
    """
    found: dict[str, Licence] = {}
    for source in sources:
        dataset = DATASETS.get(source)
        all_terms = {dataset.licence, *(s.licence for s in dataset.series if s.licence)} if dataset else {OWN}
        found.update((licence.name, licence) for licence in all_terms if licence.is_redistributable)
    return [
        {
            "name": re.sub(r"[^A-Za-z0-9.]+", "-", licence.name), "path": licence.url, "title": licence.name,
            "description": licence.terms,
        }
        for _, licence in sorted(found.items())
    ]  # fmt: skip


def _publishers(sources: Iterable[str]) -> list[dict[str, str]]:
    names = {DATASETS[s].provider for s in sources if s in DATASETS and DATASETS[s].licence.is_redistributable}
    found = [{"title": p.title, "path": p.homepage} for p in PROVIDERS if p.name in names]
    return found + [OWN_SOURCE] * any(s not in DATASETS for s in sources)


def _described(text: str, withheld: Collection[str]) -> str:
    if not withheld:
        return text
    names = ", ".join(sorted(withheld))
    return f"{text} Left out here because its publisher does not let it be passed on: {names}.".strip()


def resources(
    con: duckdb.DuckDBPyConnection, rows: Mapping[str, int], withheld: Mapping[str, Collection[str]]
) -> list[dict[str, Any]]:
    """One Frictionless resource for each mart in ``rows``, from the open published database; not yet with hashes.

    Grain and sources come from dbt's manifest of the last build (`meta.mart_key`, `meta.mart_source`).
    """

    def by_mart(query: str) -> dict[str, Any]:
        return dict(con.execute(query).fetchall())

    comments = by_mart("SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'marts'")
    keys = by_mart("SELECT mart, list(column_name ORDER BY position) FROM meta.mart_key GROUP BY mart")
    fed_by = by_mart("SELECT mart, list(source ORDER BY source) FROM meta.mart_source GROUP BY mart")
    of_marts = columns_of_marts(con)
    result = []
    for mart, count in rows.items():
        left_out = withheld.get(mart, ())
        columns = fields(con, mart, of_marts[mart], left_out)
        schema: dict[str, Any] = {"fields": columns}
        key = keys.get(mart, [])
        if key and set(key) <= {field["name"] for field in columns}:  # a mart held back may be older than its grain
            schema["primaryKey"] = key
        sources = fed_by.get(mart, [])
        if any(source.startswith("meta.") for source in sources):  # about the warehouse itself, no publisher's values
            sources = ["meta"]
        resource = {
                "name": mart.replace("_", "-"), "type": "table", "path": f"parquet/{mart}.parquet", "format": "parquet",
                "mediatype": "application/vnd.apache.parquet", "title": mart,
                "description": _described(comments.get(mart) or "", left_out),
                "rows": count, "licenses": _licences(sources), "sources": _publishers(sources), "schema": schema,
            }  # fmt: skip
        result.append({name: value for name, value in resource.items() if value != []})
    return result


def _distinct(lists: Iterable[list[dict[str, str]]]) -> list[dict[str, str]]:
    return list({json.dumps(item): item for items in lists for item in items}.values())


def _hash(path: Path) -> str:
    return f"sha256:{sha256_of(path)}"


def files_of(folder: Path) -> list[str]:
    """Relative paths of all files of a folder, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def croissant(package: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The data package of ``folder`` as Croissant 1.1 JSON-LD: one file object and one record set for each mart.

    Croissant has no property for the unit of a field; the description ends in it, as the column's comment does.
    """
    built = package["created"]
    licences = [licence["path"] for licence in package["licenses"]]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": package["name"],
        "description": package["description"],
        "alternateName": package["title"],
        "identifier": package["id"],
        # MAJOR.MINOR.PATCH is asked for; year, month and day, time of the day grow with each generation.
        "version": f"{int(built[:4])}.{int(built[5:7] + built[8:10])}.{int(re.sub('[^0-9]', '', built[11:19]))}",
        "datePublished": built,
        "creator": {"@type": "sc:Organization", "name": _CREATOR},
        "publisher": {"@type": "sc:Organization", "name": _CREATOR},
        "citeAs": f"{package['title']}, generation {package['id']}",
        "isLiveDataset": True,
        "license": sorted(set(licences)),
        "distribution": [
            {
                "@type": "cr:FileObject", "@id": resource["path"], "name": Path(resource["path"]).name,
                "description": resource["description"], "contentUrl": resource["path"],
                "encodingFormat": "application/x-parquet",
                "contentSize": f"{(folder / resource['path']).stat().st_size} B",
                "sha256": resource["hash"].removeprefix("sha256:"),
                "license": [licence["path"] for licence in resource.get("licenses", [])],
            }
            for resource in package["resources"]
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet", "@id": resource["title"], "name": resource["title"],
                "description": resource["description"],
                "key": [{"@id": f"{resource['title']}/{name}"} for name in resource["schema"].get("primaryKey", [])],
                "field": [
                    {
                        "@type": "cr:Field", "@id": f"{resource['title']}/{field['name']}", "name": field["name"],
                        "description": field.get("description", field["name"]),
                        "dataType": _SCHEMA_ORG.get(field["type"], "sc:Text"),
                        "source": {"fileObject": {"@id": resource["path"]}, "extract": {"column": field["name"]}},
                    }
                    for field in resource["schema"]["fields"]
                ],
            }
            for resource in package["resources"]
        ],
    }  # fmt: skip


# The whole context of Croissant 1.1, also terms not used here: readers compare it word for word.
_TERMS = (
    "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileObject",
    "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
    "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
    "source", "subField", "transform",
)  # fmt: skip
_CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
    **{term: f"cr:{term}" for term in _TERMS},
    "data": {"@id": "cr:data", "@type": "@json"}, "examples": {"@id": "cr:examples", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "name": {"@container": "@language"}, "description": {"@container": "@language"},
}  # fmt: skip


def write(folder: Path, generation: Generation, described: list[dict[str, Any]]) -> None:
    """Describe the files of ``folder``; call last, with the database closed.

    `datapackage.json` (Frictionless Data Package v2): ``described`` (from `resources`) is what may be passed on; every
    other file is under `local` with its hash. No `bytes`: Frictionless does not count those of Parquet and would report
    an error. `SHA256SUMS` covers both descriptions too.
    """
    simulated = f"{SIMULATED_NOTICE} " if generation.is_simulated else ""
    built = f"{generation.built_at:%Y-%m-%dT%H:%M:%SZ}"
    package: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "dollar-liquidity" + ("-simulated" if generation.is_simulated else ""),
        "id": generation.id,
        "title": simulated + "Warehouse of US-dollar liquidity",
        "description": simulated
        + "Who finances the US Treasury, with whose money, and when the Federal Reserve creates it.",
        "version": generation.id,
        "created": built,
        "asOf": f"{generation.as_of:%Y-%m-%dT%H:%M:%SZ}" if generation.as_of else built,
        "simulated": generation.is_simulated,
        "licenses": _distinct(resource.get("licenses", []) for resource in described),
        "sources": _distinct(resource.get("sources", []) for resource in described),
        "resources": [resource | {"hash": _hash(folder / resource["path"])} for resource in described],
    }
    _write_json(folder / CROISSANT, croissant(package, folder))
    passed_on = {resource["path"] for resource in described}
    package["local"] = [
        {"path": path, "hash": _hash(folder / path)} for path in files_of(folder) if path not in passed_on
    ]
    for file in package["local"]:
        if file["path"] == DATABASE_NAME:
            file["description"] = (
                "Your own working copy: all marts, the history of every raw table, and the record of fetches and "
                "loads. Not part of the package, since it holds values that may not be passed on."
            )
    _write_json(folder / PACKAGE, package)
    hashes = {file["path"]: file["hash"] for file in [*package["resources"], *package["local"]]}
    hashes[PACKAGE] = _hash(folder / PACKAGE)
    (folder / SUMS).write_text(sums_text(hashes), "utf-8")


def sums_text(hashes: Mapping[str, str]) -> str:
    """`SHA256SUMS` as `sha256sum -c` reads it. Its last line, a comment, is the hash of the lines above."""
    lines = "".join(f"{digest.removeprefix('sha256:')}  {path}\n" for path, digest in sorted(hashes.items()))
    return f"{lines}# {hashlib.sha256(lines.encode()).hexdigest()}\n"


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
