"""Reads delivered files with libraries that nobody here wrote, and prints what they found.

Its argument is a list in JSON with, for each file, "reader", "path", "format", "compression", "columns"
([{name, type}], the types as DuckDB calls them) and, for CSV, "csv" (delimiter, header, nullText,
lineEnd). It prints a list of {"columns": [name, ...], "rows": [[text or null, ...], ...]}.

Only the library that is asked for is imported: the others may be absent.
"""

import datetime
import decimal
import json
import sys


def text_of(value):
    """What stands for a value in the answer: the spec knows the type."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return value.isoformat(" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)


def of_arrow(table):
    return table.column_names, [list(row.values()) for row in table.to_pylist()]


def pyarrow_parquet(file):
    from pyarrow import parquet

    return of_arrow(parquet.read_table(file["path"]))


def pyarrow_csv(file):
    import pyarrow
    from pyarrow import csv

    names = [column["name"] for column in file["columns"]]
    form = file["csv"]
    codec = {"none": None, "gzip": "gzip", "zstd": "zstd"}[file["compression"]]
    return of_arrow(
        csv.read_csv(
            pyarrow.input_stream(file["path"], compression=codec),
            read_options=csv.ReadOptions(column_names=None if form["header"] else names),
            parse_options=csv.ParseOptions(
                delimiter=form["delimiter"], newlines_in_values=True
            ),
            convert_options=csv.ConvertOptions(
                column_types={name: pyarrow.string() for name in names},
                null_values=[form["nullText"]],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    )


def pandas_csv(file):
    import pandas

    form = file["csv"]
    frame = pandas.read_csv(
        file["path"],
        sep=form["delimiter"],
        header=0 if form["header"] else None,
        dtype=str,
        keep_default_na=False,
        na_filter=False,
        compression=None if file["compression"] == "none" else file["compression"],
    )
    return [str(name) for name in frame.columns], frame.values.tolist()


def python_csv(file):
    import csv

    csv.field_size_limit(sys.maxsize)
    form = file["csv"]
    with open(file["path"], encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter=form["delimiter"], strict=True))
    names = rows.pop(0) if form["header"] else []
    return names, rows


def python_json(file):
    exact = {"parse_float": decimal.Decimal, "parse_int": decimal.Decimal}
    with open(file["path"], encoding="utf-8", newline="\n") as lines:
        if file["format"] == "json":
            objects = json.load(lines, **exact)
        else:
            objects = [json.loads(line, **exact) for line in lines]
    return list(objects[0]), [list(each.values()) for each in objects]


def duckdb_file(file):
    import duckdb

    def quoted(text):
        return "'" + text.replace("'", "''") + "'"

    def type_of(column):
        # It would take the text that stands for bytes in JSON for the bytes.
        as_text = column["type"] == "BLOB" and file["format"] != "csv"
        return "VARCHAR" if as_text else column["type"]

    types = ", ".join(f"{quoted(c['name'])}: {quoted(type_of(c))}" for c in file["columns"])
    if file["format"] == "parquet":
        source = f"read_parquet({quoted(file['path'])})"
    elif file["format"] == "csv":
        form = file["csv"]
        source = f"""read_csv({quoted(file['path'])}, auto_detect = false, columns = {{{types}}},
          delim = {quoted(form['delimiter'])}, header = {str(form['header']).lower()}, quote = '"', escape = '"',
          nullstr = {quoted(form['nullText'])}, allow_quoted_nulls = false,
          new_line = {quoted(chr(92) + 'r' + chr(92) + 'n' if form['lineEnd'] == 'crlf' else chr(92) + 'n')},
          compression = {quoted(file['compression'])})"""
    else:
        form = "array" if file["format"] == "json" else "newline_delimited"
        source = f"""read_json({quoted(file['path'])}, format = {quoted(form)}, columns = {{{types}}},
          compression = {quoted(file['compression'])})"""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    found = connection.execute(f"SELECT * FROM {source}")
    return [column[0] for column in found.description], found.fetchall()


READERS = {
    ("pyarrow", "parquet"): pyarrow_parquet,
    ("pyarrow", "csv"): pyarrow_csv,
    ("pandas", "csv"): pandas_csv,
    ("csv", "csv"): python_csv,
    ("json", "json"): python_json,
    ("json", "jsonl"): python_json,
    ("duckdb", "parquet"): duckdb_file,
    ("duckdb", "csv"): duckdb_file,
    ("duckdb", "json"): duckdb_file,
    ("duckdb", "jsonl"): duckdb_file,
}


def read(file):
    names, rows = READERS[file["reader"], file["format"]](file)
    texts = [[text_of(value) for value in row] for row in rows]
    return {"columns": list(names), "rows": texts}


print(json.dumps([read(file) for file in json.loads(sys.argv[1])]))
