"""The real Python library takes the message that webhooks.mjs received."""

import json
import os

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

with open(os.path.join(os.environ["DATA"], "webhook.json"), encoding="utf-8") as kept:
    message = json.load(kept)

event = Webhook(message["secret"]).verify(message["body"], message["headers"])
assert event["type"] == "result.published", event
print("ok   standardwebhooks (PyPI) verifies the message")
try:
    Webhook(message["other"]).verify(message["body"], message["headers"])
except WebhookVerificationError:
    print("ok   and refuses it with another secret")
else:
    raise AssertionError("it took a message that was signed with another secret")
