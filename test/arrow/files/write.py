"""Writes the files beside it. Run once, by hand: python3 write.py. See README.md."""

import datetime as dt
import decimal

import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.ipc as ipc

UTC = dt.timezone.utc


def events():
    """Five rows as a lake has them: nulls, an empty string, text of every length, a long beyond 2^53."""
    return {
        "Timestamp": pa.array(
            [dt.datetime(2026, 1, 31, 23, 59, 59, 123456, UTC), None, dt.datetime(1969, 12, 31, 23, 59, 59, 1, UTC),
             dt.datetime(2026, 2, 1, tzinfo=UTC), dt.datetime(2026, 2, 1, 0, 0, 1, tzinfo=UTC)],
            pa.timestamp("us", "UTC")),
        "DeviceName": pa.array(["ws-01.corp.example", None, "", "exactly12byt", "thirteen byte"]),
        "FileName": pa.array(["bcrypt.dll", "ncrypt.dll", None, "bcrypt.dll", "日本語.dll"]).dictionary_encode(),
        "ReportId": pa.array([9007199254740993, -1, None, 0, 9223372036854775807], pa.int64()),
        "RemotePort": pa.array([443, 8443, None, 0, 65535], pa.int32()),
        "Score": pa.array([0.5, float("nan"), None, float("-inf"), -0.0]),
        "Initiated": pa.array([True, False, None, True, True]),
        "Libraries": pa.array([["bcrypt.dll", None], [], None, ["a"], ["b", "c"]], pa.list_(pa.string())),
    }


def types():
    """Three rows, the second of them null, of every type that the engine has a type for."""
    moment = dt.datetime(2026, 1, 31, 12, 34, 56)
    before = dt.datetime(1969, 12, 31, 23, 59, 58)
    columns = {
        "null": pa.nulls(3),
        "float16": pa.array([1.5, None, -0.25], pa.float16()),
        "float32": pa.array([0.1, None, -1e30], pa.float32()),
        "large_string": pa.array(["a", None, "a longer text than twelve"], pa.large_string()),
        "string_view": pa.array(["a", None, "a longer text than twelve"], pa.string_view()),
        "binary": pa.array([b"\x00\xff", None, b"longer than twelve bytes"], pa.binary()),
        "large_binary": pa.array([b"\x00\xff", None, b""], pa.large_binary()),
        "binary_view": pa.array([b"\x00\xff", None, b"longer than twelve bytes"], pa.binary_view()),
        "fixed_size_binary": pa.array([b"abc", None, b"\x00\x01\x02"], pa.binary(3)),
        "decimal4": pa.array([decimal.Decimal("-1.25"), None, decimal.Decimal("99.99")], pa.decimal128(4, 2)),
        "decimal9": pa.array([decimal.Decimal("-1.25"), None, decimal.Decimal("1234567.89")], pa.decimal128(9, 2)),
        "decimal18": pa.array([decimal.Decimal("-1.25"), None, decimal.Decimal("1234567890123456.78")],
                              pa.decimal128(18, 2)),
        "decimal38": pa.array([decimal.Decimal("-1.25"), None, decimal.Decimal("123456789012345678901234567890123456.78")],
                              pa.decimal128(38, 2)),
        "decimal32": pa.array([decimal.Decimal("-1.25"), None, decimal.Decimal("1234567.89")], pa.decimal32(9, 2)),
        "decimal256": pa.array([decimal.Decimal("-1.25"), None, decimal.Decimal("99.99")], pa.decimal256(20, 2)),
        "date32": pa.array([dt.date(2026, 1, 31), None, dt.date(1969, 12, 31)], pa.date32()),
        "date64": pa.array([dt.date(2026, 1, 31), None, dt.date(1969, 12, 31)], pa.date64()),
        "interval": pa.array([pa.MonthDayNano([1, -2, 3_000_001_999]), None, pa.MonthDayNano([0, 0, -1_999])]),
        "large_list": pa.array([[[1, None], []], None, [None, [2]]], pa.large_list(pa.list_(pa.int16()))),
        "fixed_size_list": pa.array([[1, 2], None, [3, None]], pa.list_(pa.int32(), 2)),
        "struct": pa.array([{"a": 1, "b": {"c": "x"}}, None, {"a": None, "b": None}],
                           pa.struct([("a", pa.int64()), ("b", pa.struct([("c", pa.string())]))])),
        "map": pa.array([[("k", 1), ("l", None)], None, []], pa.map_(pa.string(), pa.int32())),
        "struct_of_dictionary": pa.StructArray.from_arrays(
            [pa.array(["x", None, "x"]).dictionary_encode()], names=["d"]),
        "dictionary_of_timestamps": pa.array([moment, None, moment], pa.timestamp("ms", "UTC")).dictionary_encode(),
    }
    for bits in (8, 16, 32, 64):
        columns[f"int{bits}"] = pa.array([-(2 ** (bits - 1)), None, 2 ** (bits - 1) - 1], getattr(pa, f"int{bits}")())
        columns[f"uint{bits}"] = pa.array([0, None, 2**bits - 1], getattr(pa, f"uint{bits}")())
    for unit in ("s", "ms", "us", "ns"):
        values = pa.array([moment, None, before], pa.timestamp(unit))
        if unit == "ns":  # 1.999 µs after the first, 1 ns before the last
            whole = values.cast(pa.int64()).to_pylist()
            values = pa.array([whole[0] + 1_999, None, whole[2] - 1], pa.int64()).cast(pa.timestamp("ns"))
        columns[f"timestamp_{unit}"] = values
        columns[f"zoned_{unit}"] = values.cast(pa.int64()).cast(pa.timestamp(unit, "+05:30"))
        size = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
        odd = 1_999 if unit == "ns" else 0
        columns[f"duration_{unit}"] = pa.array([90 * size + odd, None, -(size + odd)], pa.duration(unit))
        time = pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)
        columns[f"time_{unit}"] = pa.array([45296 * size + odd, None, 0], time)
    return columns


def write(name, batches, schema, stream=False, **options):
    writer = (ipc.new_stream if stream else ipc.new_file)(name, schema, options=ipc.IpcWriteOptions(**options))
    with writer:
        for batch in batches:
            writer.write_batch(batch)


def batches(columns, rows=2):
    return pa.table(columns).to_batches(max_chunksize=rows)


def main():
    feather.write_feather(pa.table(events()), "pyarrow-default.feather")
    schema = pa.table(events()).schema
    write("pyarrow-zstd.arrow", batches(events()), schema, compression="zstd")
    write("pyarrow-stream.arrows", batches(events()), schema, stream=True)
    write("pyarrow-metadata-v4.arrow", batches(events()), schema, metadata_version=ipc.MetadataVersion.V4)
    write("pyarrow-types.arrow", batches(types()), pa.table(types()).schema)
    write("pyarrow-types-lz4.arrows", batches(types()), pa.table(types()).schema, stream=True, compression="lz4")
    write("pyarrow-no-batches.arrow", [], schema)
    write("pyarrow-empty-batch.arrows", [batches(events())[0].slice(0, 0)], schema, stream=True)

    many = range(2_500)
    feather.write_feather(
        pa.table({
            "n": pa.array(many, pa.int16()),
            "text": [None if i % 5 else "row " * (i % 50) + str(i % 10) for i in many],
        }),
        "pyarrow-many-rows.feather")

    def dictionary(*batches_of_values):
        kind = pa.dictionary(pa.int8(), pa.string())
        return [pa.record_batch([pa.array(values).dictionary_encode().cast(kind)], names=["d"])
                for values in batches_of_values]

    grown = [pa.record_batch([pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), pa.array(values))],
                             names=["d"])
             for indices, values in (([0, 1, 0], ["a", "b"]), ([2, None, 1], ["a", "b", "c is longer than twelve"]))]
    write("pyarrow-delta-dictionary.arrows", grown, grown[0].schema, stream=True, emit_dictionary_deltas=True)
    write("pyarrow-delta-dictionary.arrow", grown, grown[0].schema, emit_dictionary_deltas=True)
    replaced = dictionary(["a", "b", "a"], ["c", None, "d"])
    write("pyarrow-replaced-dictionary.arrows", replaced, replaced[0].schema, stream=True)

    refused = {
        "list-view": pa.array([[1], [2, 3]], pa.list_view(pa.int32())),
        "run-end-encoded": pa.RunEndEncodedArray.from_arrays(pa.array([1, 2], pa.int32()), pa.array(["a", "b"])),
        "union": pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["a", "b"])]),
        "decimal-of-50-digits": pa.array([decimal.Decimal(1), None], pa.decimal256(50, 2)),
        "dictionary-of-lists": pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), pa.array([[1, 2]])),
        "negative-scale": pa.array([decimal.Decimal("1E+2"), None], pa.decimal128(4, -2)),
    }
    for name, array in refused.items():
        batch = pa.record_batch([array], names=["c"])
        write(f"pyarrow-{name}.arrow", [batch], batch.schema)
    with pa.OSFile("pyarrow-tensor.arrows", "wb") as sink:
        ipc.write_tensor(pa.Tensor.from_numpy(__import__("numpy").zeros((2, 2))), sink)

    frame = pl.from_arrow(pa.table(events()))
    frame.write_ipc("polars.arrow", compression="uncompressed", compat_level=pl.CompatLevel.newest())
    frame.write_ipc("polars-lz4.arrow", compression="lz4", compat_level=pl.CompatLevel.newest())
    frame.write_ipc_stream("polars-zstd.arrows", compression="zstd", compat_level=pl.CompatLevel.newest())


main()
