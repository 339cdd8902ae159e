"""Delivers a Parquet file to a bucket with dlt, as fast as its documentation knows: Arrow batches,
the filesystem destination, Parquet with zstd. Prints {"rows", "seconds"} as JSON.

    python3 deliver-with-dlt.py SOURCE s3://BUCKET/PREFIX ENDPOINT WORK_FOLDER

Credentials are taken from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. The clock runs from making
the pipeline to the end of its load; starting Python and importing are left out.
"""

import json
import os
import sys
import time

source, bucket_url, endpoint, work_folder = sys.argv[1:5]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"
# As our delivery has it; by itself it takes snappy.
os.environ["DATA_WRITER__COMPRESSION"] = "zstd"

import dlt
from dlt.destinations import filesystem
from pyarrow import parquet

destination = filesystem(
    bucket_url=bucket_url,
    credentials={
        "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
    },
)


@dlt.resource(name="lineitem", write_disposition="append")
def lineitem():
    yield from parquet.ParquetFile(source).iter_batches(batch_size=100_000)


began = time.perf_counter()
pipeline = dlt.pipeline(
    pipeline_name="peer",
    pipelines_dir=work_folder,
    destination=destination,
    dataset_name="peer",
)
load = pipeline.run(lineitem(), loader_file_format="parquet")
seconds = time.perf_counter() - began
load.raise_on_failed_jobs()
rows = pipeline.last_trace.last_normalize_info.row_counts["lineitem"]
print(json.dumps({"rows": rows, "seconds": seconds}))
