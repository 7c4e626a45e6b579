"""Reads and writes the JSON files of Google Benchmark, for peers."""

import json
import os


def read(path):
    """What there is of a file, also of one whose program was stopped.

    Google Benchmark writes a row when it is measured and what closes the file at
    the end.
    """
    with open(path) as f:
        text = f.read()
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        row_ends = "\n    }"
        whole = text[:text.rfind(row_ends)] + row_ends + "]}"
        return json.loads(whole)


def write(path, context, rows):
    """The file is whole at any time."""
    with open(f"{path}.tmp", "w") as f:
        json.dump({"context": context, "benchmarks": rows}, f, indent=1)
    os.replace(f"{path}.tmp", path)


def name_of(row):
    """As the benchmark was registered."""
    return row["name"].split("/iterations:")[0]
