"""`liquidity generate`: run it after a change of the catalog or a mart."""

from orchestration.console import out


def generate() -> None:
    """Write the files that are derived from others: staging and macros of dbt, seeds of the sample, README's marts."""
    from warehouse.models import generated, mart_files

    for path in [*generated.write(), *mart_files.write()]:
        out.print(str(path), soft_wrap=True)
