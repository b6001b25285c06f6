"""Writes tables.csv and the same table as Parquet files, as pyarrow and polars write them.

pip install pyarrow==26.0.1 polars==2.1.0; run in this folder.
"""

import datetime as dt
import random

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

random.seed(1)
n = 60


def some(value):
    """A value, or a hole in one row of eight."""
    return None if random.random() < 0.125 else value


day = dt.date(2024, 2, 28)
columns = {
    "whole": [some(random.randrange(-5, 1000)) for _ in range(n)],
    "single": [some(random.uniform(-1e-3, 1e6)) for _ in range(n)],
    "double": [some(random.gauss(0, 1)) for _ in range(n)],
    "town": [some(random.choice(["Bonn", "Köln, Süd", 'the "hill"', "Ulm"])) for _ in range(n)],
    "member": [some(random.random() < 0.3) for _ in range(n)],
    "day": [some(day + dt.timedelta(days=random.randrange(4))) for _ in range(n)],
    "small": [random.randrange(256) for _ in range(n)],
    "class": [random.choice(["no", "no", "no", "yes"]) for _ in range(n)],
}
types = {
    "whole": pa.int64(),
    "single": pa.float32(),
    "double": pa.float64(),
    "town": pa.string(),
    "member": pa.bool_(),
    "day": pa.date32(),
    "small": pa.uint8(),
    "class": pa.string(),
}
table = pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})
frame = pl.from_arrow(table)
frame.write_csv("tables.csv")
for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
    pq.write_table(
        table,
        f"tables.{codec}.parquet",
        compression=codec,
        row_group_size=25,
        use_dictionary=codec != "gzip",
        data_page_version="2.0" if codec == "zstd" else "1.0",
    )
frame.write_parquet("tables.polars.parquet")
nested = pa.table({"n": [1.0, 2.0], "list": [[1], [2, 3]]})
pq.write_table(nested, "nested.parquet")
