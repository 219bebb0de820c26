"""What stands in Kafka's topics, read by the operator's command."""

import json


def told_of(cli, stack, event: int, topic: str = "order.events") -> dict:
    """order id -> the types of its events as they first came, each once."""
    ended = cli("events", "tail", "--kafka.brokers", stack.kafka.brokers(), "--topic", topic, "--event", event, "--from-beginning",
                "--stop-at-end", "--json", timeout=120)
    assert ended.returncode == 0, ended.stderr
    told = {}
    for line in ended.stdout.splitlines():
        one = json.loads(line)
        types = told.setdefault(one["subject"], [])
        if one["type"] not in types:
            types.append(one["type"])
    return told


def replay(cli, stack, *which) -> int:
    """Publishes again what was delivered; how many."""
    ended = cli("events", "replay", "--delivered", "--since", "1h", "--yes", "--kafka.brokers", stack.kafka.brokers(), *which, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return len(ended.stdout.splitlines())
