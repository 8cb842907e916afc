"""Compares the template with the functions of the repository, and lints it once more as CloudFormation sees it."""

import json
import logging
import os
import subprocess
import sys
import tempfile

from binaries import FUNCTIONS, ROOT, ok
from samtranslator.yaml_helper import yaml_parse
from samtranslator.translator.transform import transform

WORKER = "social-post-worker"
HERE = os.path.join(ROOT, "deploy/aws")


class NoPolicies:
    """The translator asks for managed policies. The template names none."""

    @staticmethod
    def load():
        return {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}


def check_functions(template):
    """Every function is in the template, with its routes; the worker has none."""
    functions = {}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            events = properties["Events"].values()
            paths = {event["Properties"]["Path"] for event in events if event["Type"] == "HttpApi"}
            functions[os.path.basename(properties["CodeUri"])] = paths
    missing = set(FUNCTIONS) ^ set(functions)
    assert not missing, f"the template and functions/ differ in {sorted(missing)}"
    for name, paths in functions.items():
        bases = () if name == WORKER else (f"/api/{name}", f"/.netlify/functions/{name}")
        expected = {path for base in bases for path in (base, f"{base}/{{proxy+}}")}
        assert paths == expected, f"{name} has the routes {sorted(paths)}"
    ok(f"{len(functions)} functions, each with its routes, and the worker with none")


def check_secrets(template):
    """No variable that holds a secret has its value in a parameter or in the template."""
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    for name, value in variables.items():
        secret = name.endswith(("_SECRET", "_KEYS", "_CLIENT_KEY", "DATABASE_URL"))
        assert not secret or "{{resolve:secretsmanager:" in json.dumps(value), f"{name} is not read from the secret"
    ok("every secret is a reference")


def check_times(template):
    """The linters do not compare times."""
    schedules = [event["Properties"]["ScheduleExpression"] for resource in template["Resources"].values()
                 for event in resource.get("Properties", {}).get("Events", {}).values() if event["Type"] == "ScheduleV2"]
    assert len(schedules) == 3 and set(schedules) == {"rate(1 minute)"}, schedules
    longest = template["Parameters"]["WorkerTimeout"]["MaxValue"]
    visibility = template["Resources"]["Batches"]["Properties"]["VisibilityTimeout"]
    assert visibility >= 6 * longest, f"a message may become visible after {visibility} s"
    with open(os.path.join(HERE, "fan-out.asl.json"), encoding="utf-8") as file:
        batch = json.load(file)["States"]["Process batches"]["ItemProcessor"]["States"]["Process a batch"]
    # An express execution ends after 300 s.
    assert longest < batch["TimeoutSeconds"] < 300, batch
    ok("schedules and timeouts fit together")


def check_expanded(template):
    """The linter sees more in the expanded template than in the short one."""
    logging.disable(logging.WARNING)
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        # As `sam package` writes it.
        if "CodeUri" in properties:
            properties["CodeUri"] = {"Bucket": "bucket", "Key": "key"}
        if "DefinitionUri" in properties:
            properties["DefinitionUri"] = {"Bucket": "bucket", "Key": "key"}
    expanded = transform(template, {}, NoPolicies())
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(expanded, file)
        file.flush()
        # W1001 and W8001: `sam` writes conditions that the linter cannot follow.
        linter = os.path.join(os.path.dirname(sys.executable), "cfn-lint")
        subprocess.run([linter, file.name], check=True)
    ok(f"the expanded template has {len(expanded['Resources'])} resources and no finding")


def main():
    with open(os.path.join(HERE, "template.yaml"), encoding="utf-8") as file:
        template = yaml_parse(file.read())
    check_functions(template)
    check_secrets(template)
    check_times(template)
    check_expanded(template)


main()
