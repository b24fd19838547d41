"""`python -m tests.mutations`: write the table of deliberate errors."""

from tests.mutations import MUTATIONS, TABLE, table

TABLE.write_text(table(), "utf-8")
print(f"{len(MUTATIONS)} errors in {TABLE.name}")
