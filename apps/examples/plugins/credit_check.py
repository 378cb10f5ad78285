#!/usr/bin/env python3
"""The credit-check plugin of the demo in Python (python3-kafka): the same job as src/credit-check.ts.

    apps/examples/plugins/credit_check.py [broker] [namespace]

Offsets are committed by hand once the reply is acknowledged: a crash repeats jobs, it loses none.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer

BROKER = (sys.argv[1:] or [os.environ.get("MILLRACE_KAFKA", "127.0.0.1:9092")])[0]
NAMESPACE = (sys.argv[2:] or [os.environ.get("MILLRACE_NAMESPACE", "millrace.")])[0]
TOPIC = f"{NAMESPACE}plugin.credit-check.v1"
BUREAU = json.loads((Path(__file__).parent / "bureau.json").read_text())


class BpmnError(Exception):
    """Something the business knows about: an error boundary event catches it by its code."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def check_credit(variables):
    customer_id = variables.get("customerId")
    if not isinstance(customer_id, str):
        raise ValueError(f"expected customerId to be a text, found {customer_id!r}")
    entry = BUREAU.get(customer_id)
    if entry is None:
        raise BpmnError("UNKNOWN_CUSTOMER", f"the bureau knows nobody called {customer_id}")
    return {"score": entry["score"], "bureau": "north"}


def answer(value):
    """The output variables, and the headers that a reply adds to those of its job."""
    try:
        return check_credit(json.loads(value)), []
    except BpmnError as error:
        return {}, [("mr-error-code", error.code.encode()), ("mr-error-message", str(error).encode())]
    except Exception as error:  # Anything else is retried, then becomes an incident.
        return {}, [("mr-error-message", str(error).encode())]


def wait_for_topic(consumer):
    """The first deployment of a process that uses the type creates the topic."""
    while TOPIC not in consumer.topics():
        time.sleep(0.5)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    producer = KafkaProducer(bootstrap_servers=BROKER, acks="all", retries=5)
    consumer = KafkaConsumer(
        bootstrap_servers=BROKER,
        group_id=f"{NAMESPACE}plugins.credit-check",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=500,
    )
    wait_for_topic(consumer)
    consumer.subscribe([TOPIC])
    print(f"consuming {TOPIC}", file=sys.stderr, flush=True)
    for record in consumer:
        headers = dict(record.headers)
        instance = headers.get("processInstanceUuid")
        deadline = headers.get("mr-deadline")
        # This client hands out transaction markers as if they were records; they have no headers.
        is_job = instance is not None and record.value is not None
        if is_job and not (deadline is not None and time.time() * 1000 > int(deadline)):
            output, more = answer(record.value)
            reply_topic = headers["mr-reply-topic"].decode()
            value = json.dumps(output).encode()
            producer.send(reply_topic, key=instance, value=value, headers=record.headers + more).get(timeout=30)
        consumer.commit()


if __name__ == "__main__":
    main()
