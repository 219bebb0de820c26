"""`kill -9` of every part of the office under a crowd that goes on buying, again and again: ONSALE_KILLS times each (8), and
failovers to a replica that lacks the last writes (10 at least). After each: served again within 5 s of the part's return, the
crowd's own ledger, `onsale audit` of the live engines.
"""

import os
import random
import shutil
import time

import pytest

from crowd import EVENT, Crowd
from scaled_stack import Redis, free_port, wait_until

KILLS = int(os.environ.get("ONSALE_KILLS", "8"))
FAILOVERS = max(10, KILLS)
SEED = int(os.environ.get("ONSALE_SEED", str(random.SystemRandom().randrange(2**32))))
BACK_WITHIN_S = 5
SETTINGS = {"payments.mock.delay": "exponential", "payments.mock.delay_ms": 30, "payments.mock.success_share": 0.8,
            "log.access_sample": 0}


@pytest.fixture(scope="module")
def killed(scaled_office):
    scaled_office.configure(SETTINGS)
    yield scaled_office
    # Whatever the last test left: the Redis that all others expect, and the demo events as on the first day.
    redis, stack = scaled_office.stack.redis, scaled_office.stack
    redis.kill()
    stack.redis = Redis(stack.folder, redis.port)
    shutil.rmtree(stack.redis.folder, ignore_errors=True)
    stack.redis.begin()


@pytest.fixture
def crowd(killed):
    killed.configure(SETTINGS)
    wait_until("every node", lambda: all(node.ready() for node in killed.stack.all_nodes()), 30)
    killed.reset()
    print(f"seed {SEED}")
    buyers = Crowd(killed, SEED)
    yield buyers
    buyers.end()


def trade(seconds=(0.1, 0.3), dice=random.Random(SEED)) -> None:
    time.sleep(dice.uniform(*seconds))


def rounds(crowd, count: int, fault, *, keeps_holds: bool, back_within: float = BACK_WITHIN_S, each=lambda number: None) -> None:
    """`fault(number)` returns when the part is back."""
    began, slowest = time.monotonic(), 0.0
    crowd.holds_may_vanish = not keeps_holds
    for number in range(count):
        if keeps_holds and len(crowd.kept) < 12:
            crowd.keep_a_hold()
        trade()
        fault(number)
        slowest = max(slowest, crowd.serves_again(back_within))
        if not keeps_holds:
            crowd.kept.clear()
        crowd.check()
        each(number)
        crowd.make_room()
    crowd.rest()
    crowd.check()
    crowd.go.set()
    assert crowd.counts["confirmed"] > count / 2, crowd.counts
    print(f"{count} faults in {time.monotonic() - began:.0f} s: {crowd.counts}, served again after {slowest:.2f} s at most")


@pytest.mark.parametrize("role", ["catalog", "reservation", "order", "payment"])
def test_nodes_of_a_role_are_killed(crowd, role):
    """One of its two nodes, now and then both at once. Nothing acknowledged is lost, holds included."""
    nodes = crowd.office.stack.nodes[role]

    def kill(number):
        victims = nodes if number % 4 == 3 else [nodes[number % 2]]
        for node in victims:
            node.kill()
        trade((0, 0.1))
        for node in victims:
            node.begin()
        for node in victims:
            node.wait_ready()

    rounds(crowd, KILLS, kill, keeps_holds=True, back_within=2 * BACK_WITHIN_S)
    crowd.office.assert_no_report()


def kill_redis(stack, between=lambda: None) -> None:
    stack.redis.kill()
    trade((0, 0.2))
    between()
    stack.redis.begin()


def test_redis_is_killed_and_comes_back_with_its_file(crowd):
    """appendonly: what it had written it still knows, so holds outlive it."""
    rounds(crowd, KILLS, lambda _: kill_redis(crowd.office.stack), keeps_holds=True)


def test_redis_is_killed_and_comes_back_empty(crowd):
    redis = crowd.office.stack.redis
    rounds(crowd, KILLS, lambda _: kill_redis(crowd.office.stack, lambda: shutil.rmtree(redis.folder)), keeps_holds=False)


def test_redis_is_emptied(crowd):
    def flush(_):
        assert b"+OK" in crowd.office.stack.redis.say("FLUSHALL")

    rounds(crowd, KILLS, flush, keeps_holds=False)


def test_redis_comes_back_with_an_older_file(crowd):
    """Its file is put back to what it was some sales ago, as a restore from yesterday's copy would."""
    redis = crowd.office.stack.redis
    copy = redis.folder.with_name("redis-older")

    def restore():
        shutil.rmtree(redis.folder)
        shutil.copytree(copy, redis.folder)

    def fault(_):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(redis.folder, copy)
        confirmed = len(crowd.sold)
        deadline = time.monotonic() + 5
        while len(crowd.sold) < confirmed + 3 and time.monotonic() < deadline:
            time.sleep(0.02)  # sales that the copy knows nothing of
        kill_redis(crowd.office.stack, restore)

    rounds(crowd, KILLS, fault, keeps_holds=False)


def test_a_replica_without_the_last_writes_is_promoted(crowd):
    """It stops hearing the master, the master goes on selling and dies, the replica takes its place."""
    stack = crowd.office.stack

    def failover(number):
        master = stack.redis
        replica = Redis(stack.folder, free_port(), f"redis-replica-{number % 2}")
        shutil.rmtree(replica.folder, ignore_errors=True)
        replica.begin("--appendonly", "no", "--replicaof", f"127.0.0.1 {master.port}", "--repl-diskless-sync-delay", "0")
        wait_until("the replica", lambda: b"master_link_status:up" in replica.say("INFO", "replication"), 10)
        crowd.serves_again(BACK_WITHIN_S)  # a master's first replica costs an epoch
        trade()
        assert b"+OK" in replica.say("REPLICAOF", "NO", "ONE")
        confirmed, deadline = len(crowd.sold), time.monotonic() + 5
        while len(crowd.sold) < confirmed + 2 and time.monotonic() < deadline:
            time.sleep(0.02)  # the tail that is lost
        master.kill()
        trade((0, 0.1))
        assert b"+OK" in replica.say("CONFIG", "SET", "port", master.port)
        replica.port = master.port
        stack.redis = replica

    rounds(crowd, FAILOVERS, failover, keeps_holds=False)


def test_the_database_is_killed(crowd):
    def kill(_):
        crowd.office.stack.mariadb.kill()
        trade((0, 0.2))
        crowd.office.stack.mariadb.begin()

    rounds(crowd, KILLS, kill, keeps_holds=True, back_within=2 * BACK_WITHIN_S)


def test_kafka_is_killed(crowd, cli):
    """Sales go on; what it had acknowledged is still there when it is back; the rest is published then, in each order's order."""
    stack = crowd.office.stack

    def kill(_):
        stack.kafka.kill()
        crowd.serves_again(BACK_WITHIN_S)  # a sale waits for no event
        stack.kafka.begin()

    rounds(crowd, KILLS, kill, keeps_holds=True)
    crowd.rest()
    crowd.check()
    wait_until("an empty outbox", lambda: stack.mariadb.sql("SELECT COUNT(*) FROM onsale.outbox").stdout.strip() == "0", 60)
    from events import told_of

    told = told_of(cli, stack, EVENT)
    for order_id, entry in crowd.orders.items():
        wanted = (["ORDER_CREATED", "PAYMENT_SUCCESS", "ORDER_CONFIRMED"] if entry["seen"] == "CONFIRMED" else
                  ["ORDER_CREATED", "PAYMENT_FAILED", "ORDER_CANCELLED"])
        assert told.get(order_id) == wanted, f"{order_id}, {entry['seen']}: {told.get(order_id)}"
    crowd.go.set()
