"""Sends each function the requests that API Gateway sends on its routes."""

import os
import tempfile

from binaries import FUNCTIONS, ROOT, binary, ok
from postgres import Postgres
from runtime_api import EXPECTED, Function, gateway_request, variables
from samtranslator.yaml_helper import yaml_parse

# What follows the function's name in a path: an id that no account and no post has.
BELOW = "01a2218d-bb5f-73c8-87cc-1160c7973825"


def routes():
    """Returns the paths of each function in the template."""
    with open(os.path.join(ROOT, "deploy/aws/template.yaml"), encoding="utf-8") as file:
        resources = yaml_parse(file.read())["Resources"].values()
    functions = [resource["Properties"] for resource in resources if resource["Type"] == "AWS::Serverless::Function"]
    return {
        os.path.basename(function["CodeUri"]): [
            event["Properties"]["Path"] for event in function["Events"].values() if event["Type"] == "HttpApi"
        ]
        for function in functions
    }


def main():
    requests = 0
    with Postgres() as postgres, tempfile.TemporaryDirectory(prefix="deploy-aws-") as folder:
        postgres.migrate(binary("social-server"))
        for name, paths in routes().items():
            function = Function(binary(name), variables(postgres.url()), os.path.join(folder, "log"))
            try:
                for route in paths:
                    path = route.replace("{proxy+}", BELOW)
                    outcome = function.invoke(gateway_request(path, f"ANY {route}"))
                    status = None if outcome.failed else outcome.body["statusCode"]
                    expected = EXPECTED.get(name, 401)
                    # Nothing follows the name of most functions.
                    assert status == expected or (path != route and status == 404), (name, path, outcome)
                    requests += 1
            finally:
                function.close()
    assert requests == 4 * (len(FUNCTIONS) - 1), requests
    ok(f"{requests} requests, one for each route, get the response of their function")


main()
