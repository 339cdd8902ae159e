"""What boto3 does to a bucket by its defaults. Prints one line of JSON with what it saw.

Usage: boto3-journey.py ENDPOINT FOLDER; credentials by AWS's variables.
"""

import filecmp
import json
import os
import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

endpoint, folder = sys.argv[1:]
bucket = "boto3-data"
s3 = boto3.client("s3", endpoint_url=endpoint)
seen = {}


def code_of(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


s3.create_bucket(Bucket=bucket)
large = os.path.join(folder, "large")
back = os.path.join(folder, "boto3-large")
s3.upload_file(large, bucket, "large", Config=TransferConfig(multipart_chunksize=8 * 1024**2))
s3.download_file(bucket, "large", back)
seen["largeIsSame"] = filecmp.cmp(large, back, shallow=False)
s3.put_object(Bucket=bucket, Key="a/ä +1", Body=b"small", Metadata={"who": "boto3"}, Tagging="k=v")
head = s3.head_object(Bucket=bucket, Key="a/ä +1")
seen["metadata"] = head["Metadata"]
seen["tags"] = s3.get_object_tagging(Bucket=bucket, Key="a/ä +1")["TagSet"]
s3.copy({"Bucket": bucket, "Key": "a/ä +1"}, bucket, "copy")
seen["copy"] = s3.get_object(Bucket=bucket, Key="copy")["Body"].read().decode()
s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "large-copy",
        Config=TransferConfig(multipart_threshold=8 * 1024**2, multipart_chunksize=8 * 1024**2))
seen["largeCopyBytes"] = s3.head_object(Bucket=bucket, Key="large-copy")["ContentLength"]
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
seen["keys"] = [item["Key"] for page in pages for item in page["Contents"]]
seen["missing"] = code_of(s3.get_object, Bucket=bucket, Key="missing")
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
s3.put_object(Bucket=bucket, Key="copy", Body=b"newer")
s3.delete_object(Bucket=bucket, Key="copy")
versions = s3.list_object_versions(Bucket=bucket, Prefix="copy")
seen["versions"] = len(versions["Versions"])
seen["markers"] = len(versions["DeleteMarkers"])
every = boto3.resource("s3", endpoint_url=endpoint).Bucket(bucket)
every.object_versions.delete()
every.delete()
seen["gone"] = code_of(s3.list_objects_v2, Bucket=bucket)
seen["account"] = boto3.client("sts", endpoint_url=endpoint).get_caller_identity()["Account"]
key = boto3.client("kms", endpoint_url=endpoint).create_key(Description="of boto3")
seen["key"] = key["KeyMetadata"]["KeyState"]
queues = boto3.resource("sqs", endpoint_url=endpoint)
queue = queues.create_queue(QueueName="boto3", Attributes={"VisibilityTimeout": "5"}, tags={"k": "v"})
queue.send_message(MessageBody="hello", MessageAttributes={
    "kind": {"DataType": "String", "StringValue": "greeting"},
    "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
})
message = queue.receive_messages(MessageAttributeNames=["All"], AttributeNames=["All"])[0]
seen["message"] = message.body
seen["kind"] = message.message_attributes["kind"]["StringValue"]
seen["raw"] = message.message_attributes["raw"]["BinaryValue"].hex()
seen["received"] = message.attributes["ApproximateReceiveCount"]
sent = queue.send_messages(Entries=[{"Id": "a", "MessageBody": "one"}, {"Id": "b", "MessageBody": "\u0001"}])
seen["sent"] = [entry["Id"] for entry in sent["Successful"]]
seen["notSent"] = [entry["Code"] for entry in sent["Failed"]]
message.change_visibility(VisibilityTimeout=0)
again = queue.receive_messages(MaxNumberOfMessages=10, WaitTimeSeconds=1)
gone = queue.delete_messages(Entries=[{"Id": str(i), "ReceiptHandle": m.receipt_handle} for i, m in enumerate(again)])
seen["deleted"] = len(gone["Successful"])
queue.load()
seen["timeout"] = queue.attributes["VisibilityTimeout"]
client = queues.meta.client
seen["queueTags"] = client.list_queue_tags(QueueUrl=queue.url)["Tags"]
seen["queues"] = len(client.list_queues(QueueNamePrefix="boto")["QueueUrls"])
queue.delete()
seen["noQueue"] = code_of(client.get_queue_url, QueueName="boto3")
print(json.dumps(seen))
