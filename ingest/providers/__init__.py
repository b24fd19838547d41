"""The registry: every provider the warehouse knows, and every dataset by its id.

A provider is one module here that ends in a `PROVIDER`: one file, or a folder with a file for each dataset and a file
`common` for the shared parts; the datasets of a folder are found in its files. To add a provider, name it below. A
document of the same name, such as `nyfed.md`, describes its bytes, with the source of each fact.

What must not be here: anything about one provider.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module

from ingest.catalog import Dataset, Provider
from ingest.errors import CatalogError

_MODULES = (
    "nyfed",
    "fred",
    "fiscaldata",
    "coinbase",
    "kraken",
    "worldbank",
    "tic",
    "ofr",
    "cftc",
    "fdic",
    "frb",
)


def index(providers: Iterable[Provider]) -> dict[str, Dataset]:
    """All datasets by id, in order; CatalogError when a provider, dataset or table name occurs twice."""
    providers = list(providers)
    datasets = [dataset for provider in providers for dataset in provider.datasets]
    for what, names in (
        ("provider", [provider.name for provider in providers]),
        ("dataset", [dataset.id for dataset in datasets]),
        ("table", [dataset.table for dataset in datasets]),
    ):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise CatalogError(f"{what} declared twice: {', '.join(twice)}")
    return {dataset.id: dataset for dataset in datasets}


PROVIDERS: tuple[Provider, ...] = tuple(import_module(f"{__name__}.{name}").PROVIDER for name in _MODULES)
DATASETS: dict[str, Dataset] = index(PROVIDERS)


def dataset(dataset_id: str) -> Dataset:
    """The dataset called ``dataset_id`` (`provider.name`, or the table name); CatalogError that lists near names."""
    wanted = dataset_id.replace("__", ".", 1)
    if wanted in DATASETS:
        return DATASETS[wanted]
    short = {known.split(".")[1]: known for known in DATASETS}
    near = get_close_matches(wanted, DATASETS, n=3, cutoff=0.5)
    near += [short[name] for name in get_close_matches(wanted.split(".")[-1], short, n=3) if short[name] not in near]
    hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(DATASETS)}"
    raise CatalogError(f"no dataset {dataset_id!r}; {hint}")


def provider_of(dataset: Dataset) -> Provider:
    """The provider of ``dataset``."""
    return next(provider for provider in PROVIDERS if provider.name == dataset.provider)
