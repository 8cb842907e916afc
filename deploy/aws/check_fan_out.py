"""Runs both state machines of the fan-out on a local interpreter, with the real worker and a real Postgres.

moto interprets the definitions. Its Lambda calls go to the worker's binary, by a runtime API.
"""

import io
import json
import logging
import os
import re
import tempfile
import time
import uuid
import zipfile
from unittest import mock

import boto3
from binaries import ROOT, binary, ok
from moto import mock_aws
from moto.awslambda.models import LambdaFunction
from postgres import Postgres
from runtime_api import Function, variables

HERE = os.path.join(ROOT, "deploy/aws")
INPUT = {"batchSize": 10, "most": 1000, "atOnce": 4}


def zipped():
    """Returns a zip with one file, because moto requires code."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("bootstrap", "")
    return file.getvalue()


class Lambda:
    """Sends moto's invocations to the worker, and notes them."""

    def __init__(self, worker):
        self.worker, self.calls = worker, []
        # Decides which worker gets an event.
        self.route = lambda event: self.worker

    def invoke(self, event):
        """Returns what Lambda returns: the payload, whether it failed, and the log."""
        outcome = self.route(event).invoke(event)
        self.calls.append((event, outcome))
        return json.dumps(outcome.body), outcome.failed, ""

    def batches(self):
        """Returns the outcomes of the batches since the last time."""
        calls, self.calls = self.calls, []
        return [outcome for event, outcome in calls if "resultIds" in event or "Records" in event]


def start(machine):
    """Starts an execution, and waits for its end."""
    states = boto3.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=machine, name=str(uuid.uuid4()), input=json.dumps(INPUT))["executionArn"]
    for _ in range(600):
        told = states.describe_execution(executionArn=execution)
        if told["status"] != "RUNNING":
            return told
        time.sleep(0.1)
    raise TimeoutError("the execution did not end within 60 s")


def create(name, role, **substitutions):
    """Creates a state machine from its file."""
    with open(os.path.join(HERE, f"{name}.asl.json"), encoding="utf-8") as file:
        definition = file.read()
    json.loads(definition)
    # The interpreter knows only this type of the executions that AWS documents for a distributed map.
    definition = definition.replace('"EXPRESS"', '"STANDARD"')
    for key, value in substitutions.items():
        definition = definition.replace(f"${{{key}}}", value)
    states = boto3.client("stepfunctions")
    return states.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]


def waiting(postgres):
    """Returns how many results are due."""
    return int(postgres.sql("select count(*) from post_results where due_at <= now()")[0])


def check_machine(cloud, postgres, machine):
    """Each due result is leased once, by one of several workers."""
    postgres.queue(45)
    told = start(machine)
    batches = cloud.batches()
    assert told["status"] == "SUCCEEDED", told
    assert len(batches) == 5 and sum(outcome.body["leased"] for outcome in batches) == 45, batches
    assert waiting(postgres) == 0
    assert start(machine)["status"] == "SUCCEEDED" and not cloud.batches(), "nothing is due any more"
    ok(f"the state machine: 45 results in 5 batches, each leased once, in {cloud.worker.processes} processes")


def check_queue(cloud, postgres, machine, queue):
    """Each batch becomes a message, and the worker processes each message."""
    postgres.queue(25)
    told = start(machine)
    assert told["status"] == "SUCCEEDED", told
    cloud.batches()
    sqs = boto3.client("sqs")
    before = waiting(postgres)
    messages = []
    while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        messages += found
    assert len(messages) == 3, messages
    for message in messages:
        record = {"messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs"}
        outcome = cloud.worker.invoke({"Records": [record]})
        assert not outcome.failed and outcome.body == {"batchItemFailures": []}, outcome
    assert (before, waiting(postgres)) == (25, 0)
    ok("the queue: 25 results in 3 messages, each processed")


def check_log(path):
    """The metric filters name fields and words that the worker writes."""
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    stepped = [line for line in lines if line["message"].startswith("the worker stepped")]
    assert stepped, lines
    with open(os.path.join(HERE, "template.yaml"), encoding="utf-8") as file:
        patterns = re.findall(r"FilterPattern: '(.*)'", file.read())
    fields = {field for pattern in patterns for field in re.findall(r"\$\.(\w+)", pattern)}
    assert fields and all(field in stepped[0] for field in fields), (fields, stepped[0])
    # The text of this line cannot be caused here; it must at least be in the source.
    phrases = [pattern.strip('"') for pattern in patterns if pattern.startswith('"')]
    with open(os.path.join(ROOT, "crates/social-core/src/oauth/refresh.rs"), encoding="utf-8") as file:
        source = file.read()
    assert phrases and all(phrase in source for phrase in phrases), phrases
    ok(f"the metric filters read {', '.join(sorted(fields))}, which the worker logs")


def check_failure(cloud, postgres, machine, broken):
    """A batch that fails is a failed invocation. It stops no other batch, and fails the execution in the end."""
    for event in ({}, {"dispatch": {}}, {"resultIds": []}):
        outcome = broken.invoke(event)
        assert outcome.failed, f"a worker run that failed was answered as a success: {event}: {outcome.body}"
    ok("a worker run that failed is a failed invocation")
    postgres.queue(45)
    failing = []

    def one_fails(event):
        if "resultIds" in event and not failing:
            failing.append(event)
            return broken
        return cloud.worker

    cloud.route = one_fails
    told = start(machine)
    assert (told["status"], told["error"], waiting(postgres)) == ("FAILED", "BatchFailed", 10), told
    cloud.route = lambda _: broken
    told = start(machine)
    assert told["status"] == "FAILED" and told["error"] != "BatchFailed", told
    ok("a failed batch stops no other and fails the execution, and so does a failed dispatch")


@mock_aws(config={"stepfunctions": {"execute_state_machine": True}})
def run(cloud, postgres, broken, log):
    trust = {"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}
    role = boto3.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    function = boto3.client("lambda").create_function(
        FunctionName="worker", Runtime="provided.al2023", Handler="bootstrap", Role=role, Code={"ZipFile": zipped()}
    )["FunctionArn"]
    queue = boto3.client("sqs").create_queue(QueueName="batches")["QueueUrl"]
    machine = create("fan-out", role, Worker=function)
    to_queue = create("fan-out-to-queue", role, Worker=function, Queue=queue)
    check_machine(cloud, postgres, machine)
    check_queue(cloud, postgres, to_queue, queue)
    check_log(log)
    check_failure(cloud, postgres, machine, broken)


def main():
    worker = binary("social-post-worker")
    # The interpreter logs each failure that this check causes.
    logging.disable(logging.ERROR)
    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none")
    with Postgres() as postgres, tempfile.TemporaryDirectory(prefix="deploy-aws-") as folder:
        log = os.path.join(folder, "log")
        postgres.migrate(binary("social-server"))
        cloud = Lambda(Function(worker, variables(postgres.url()), log))
        broken = Function(worker, variables("postgres://a@127.0.0.1:1/x"), log)
        try:
            with mock.patch.object(LambdaFunction, "_invoke_lambda", lambda _, event: cloud.invoke(event)):
                run(cloud, postgres, broken, log)
        finally:
            cloud.worker.close()
            broken.close()


main()
