"""A made-up table that is larger than memory, written in pieces (needs numpy and pyarrow):

    python benches/large/table.py 20000000 big.csv 0.005
    art resample big.csv --target y --method smote --ratio 0.05 --out big.out.csv

Sixteen numbers a row, four of them whole, and the label y, of which a share is "rare". A path that ends in .parquet makes a Parquet file.
"""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

PIECE = 500_000


def piece(rng, n, share):
    is_rare = rng.random(n) < share
    columns = {}
    for j in range(16):
        x = rng.standard_normal(n) + is_rare * (0.3 + 0.05 * j)
        columns[f"x{j}"] = np.round(x * 100).astype(np.int64) if j >= 12 else np.round(x, 4)
    return pa.table(columns | {"y": np.where(is_rare, "rare", "common")})


def main():
    n_rows, path, share = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    rng = np.random.default_rng(1)
    schema = piece(np.random.default_rng(0), 1, share).schema
    if path.endswith(".parquet"):
        writer = pyarrow.parquet.ParquetWriter(path, schema)
    else:
        writer = pyarrow.csv.CSVWriter(path, schema, write_options=pyarrow.csv.WriteOptions(quoting_style="none"))
    with writer:
        for start in range(0, n_rows, PIECE):
            writer.write_table(piece(rng, min(PIECE, n_rows - start), share))


if __name__ == "__main__":
    main()
