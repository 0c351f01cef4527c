"""Writes the parquet files of this folder from rows.json, with pyarrow 26: what Polars cannot
write itself, and so what no test could make on the spot."""

import json
from datetime import date, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

rows = json.load(open("rows.json"))
text, many = pa.string(), len(rows)
words = pa.dictionary(pa.int32(), text)
base = pa.struct([("id", text), ("_id", text)])
dtypes = pa.struct([("F32", pa.int64()), ("BF16", pa.int64())])
safetensors = pa.struct([("total", pa.int64()), ("parameters", dtypes)])


def column(name, kind):
    return pa.array([row.get(name) for row in rows], kind)


def times(name, unit, zone=None):
    micros = column(name, pa.timestamp("us"))
    return micros.cast(pa.timestamp(unit)).cast(pa.timestamp(unit, zone))


def marked_as_json(name):
    return pa.ExtensionArray.from_storage(pa.json_(), column(name, text))


def all_of(value, kind):
    return pa.array([value] * many, kind)


# Every type that pyarrow had in memory is kept in the footer, beside parquet's own.
modern = {
    "decimal": all_of(Decimal("1.50"), pa.decimal128(30, 2)),
    "tags": column("tags", pa.list_view(pa.string_view())),
    "unsigned": all_of(200, pa.uint8()),
    "lastModified": times("lastModified", "s"),
    "id": column("id", words),
    "createdAt": times("createdAt", "ms", "Europe/Berlin"),
    "vector": all_of([1.0, 2.0], pa.list_(pa.float32(), 2)),
    "pipeline_tag": column("pipeline_tag", words),
    "library_name": column("library_name", pa.large_string()),
    "author": column("author", pa.string_view()),
    "gguf": marked_as_json("gguf"),
    "cardData": marked_as_json("cardData"),
    "map": all_of([("a", 1)], pa.map_(text, pa.int32())),
    "half": all_of(1.5, pa.float16()),
    "uuid": pa.ExtensionArray.from_storage(pa.uuid(), all_of(bytes(16), pa.binary(16))),
    "span": all_of(timedelta(1), pa.duration("us")),
    "clock": all_of(time(1, 2), pa.time64("ns")),
    "nothing": pa.nulls(many),
    "baseModels": column("baseModels", pa.struct([("models", pa.large_list(base)), ("relation", words)])),
    "safetensors": column("safetensors", safetensors),
    "trendingScore": column("trendingScore", pa.float32()),
    "downloads": column("downloads", pa.uint32()),
    "downloadsAllTime": column("downloadsAllTime", pa.int64()),
    "likes": column("likes", pa.int16()),
}
pq.write_table(
    pa.table(modern), "modern.parquet", compression="brotli", data_page_version="2.0", row_group_size=4
)

# Text that nothing marks as such, 96-bit times, lists as they were named before the rules.
old = {
    "id": column("id", pa.binary()),
    "pipeline_tag": column("pipeline_tag", pa.binary()),
    "library_name": column("library_name", pa.binary()),
    "gguf": column("gguf", pa.binary()),
    "cardData": column("cardData", pa.binary()),
    "createdAt": times("createdAt", "us"),
    "lastModified": times("lastModified", "us"),
    "tags": column("tags", pa.list_(text)),
    "baseModels": column("baseModels", pa.struct([("relation", text), ("models", pa.list_(base))])),
    "safetensors": column("safetensors", safetensors),
    "trendingScore": column("trendingScore", pa.float64()),
    "downloads": column("downloads", pa.int32()),
    "downloadsAllTime": column("downloadsAllTime", pa.int64()),
    "likes": column("likes", pa.int32()),
    "day": all_of(date(2024, 2, 29), pa.date32()),
}
pq.write_table(
    pa.table(old), "old.parquet", version="1.0", compression="gzip", store_schema=False,
    use_compliant_nested_type=False, use_deprecated_int96_timestamps=True, use_dictionary=False,
)

# Counts of every unsigned width and decimals, one of each negative or beyond all bounds; a score that is
# no number; a card as a struct; and a dictionary of bases with an entry that no row uses.
used = pa.DictionaryArray.from_arrays(pa.array([0, 2], pa.int32()), ["a/one", "nobody/unused", "b/two"])
bases = pa.ListArray.from_arrays(pa.array([0, 0, 1, 1, 2], pa.int32()), pa.StructArray.from_arrays([used], ["id"]))
counts = {
    "id": pa.array(["a/one", "b/two", "c/three", "d/four"]),
    "downloads": pa.array([1, 200, 4_000_000_000, None], pa.uint32()),
    "likes": pa.array([0, 1, 255, None], pa.uint8()),
    "downloadsAllTime": pa.array([Decimal("-1.00"), Decimal("250.00"), Decimal("5e9"), None], pa.decimal128(20, 2)),
    "trendingScore": pa.array([float("nan"), 1.5, 0.0, None]),
    "safetensors": pa.array([{"total": 7}, {"total": 2**63}, {"total": 70_000}, None], pa.struct([("total", pa.uint64())])),
    "cardData": pa.array([{"license": "mit"}, {"license": "apache-2.0"}, None, {"license": None}]),
    "tags": pa.array([["license:gpl"], [], [], []], pa.list_(text)),
    "baseModels": pa.StructArray.from_arrays([pa.array([None, "finetune", None, "merge"]), bases], ["relation", "models"]),
}
pq.write_table(pa.table(counts), "counts.parquet", compression="none")
small = {
    "id": pa.array(["a", "b"]),
    "downloads": pa.array([3, 65_535], pa.uint16()),
    "likes": pa.array([-2, 9], pa.int8()),
    "downloadsAllTime": pa.array([Decimal("7"), Decimal("99")], pa.decimal128(5, 0)),
}
pq.write_table(pa.table(small), "small.parquet")

# What Polars cannot write: a map of counts by tensor type.
counts = pa.struct([("parameters", pa.map_(text, pa.int64())), ("total", pa.int64())])
maps = {
    "id": pa.array(["a/two", "b/none", "c/one"]),
    "safetensors": pa.array(
        [
            {"parameters": [("F32", 2), ("BF16", 5)], "total": 7},
            {"parameters": None, "total": 3},
            {"parameters": [("I32", 9), ("F32", None)], "total": 9},
        ],
        counts,
    ),
}
pq.write_table(pa.table(maps), "map.parquet")
