"""What nginx sees to: the inside is closed, its own refusals speak the contract's language, addresses are not forged."""

import re
import socket
import time

import pytest

from client import CATALOG, ORDER, PAYMENT, RESERVATION, Buyer, Caller, Public
from promise import check_problem
from sse import SseClient

INSIDE = [f"{CATALOG}/internal/seat-update", f"{RESERVATION}/internal/admin/reset", f"{CATALOG}/internal/admin/import",
          f"{RESERVATION}/internal/seats/hold", f"{RESERVATION}/internal/seats/settle", f"{PAYMENT}/internal/payments/capture",
          f"{PAYMENT}/payments/authorize", "/ticketing/api/internal/admin/reset", "/ticketing/api/payments/authorize",
          "/actuator/health", "/actuator/prometheus", f"{ORDER}/actuator/prometheus", "/ticketing/api/actuator/health"]


@pytest.mark.parametrize("path", INSIDE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_inside_is_closed_to_the_outside(office, method, path):
    outside = Caller(office.host, office.port)
    answer = outside.request(method, path, {} if method == "POST" else None,
                             {"Authorization": f"Bearer {office.internal_token}"})
    assert answer.status == 404 and answer.code == "NOT_FOUND", answer
    assert answer.header("Trace-Id") == answer.json["traceId"]
    outside.close()


@pytest.mark.parametrize("path", [f"{CATALOG}%2finternal/admin/import", f"{CATALOG}/./internal/admin/import",
                                  "/ticketing/x/../catalog/api/internal/admin/import", f"{CATALOG}//internal/admin/import",
                                  f"{CATALOG}/%69nternal/admin/import", "//actuator/prometheus", "/./actuator/health"])
def test_no_way_of_writing_an_address_opens_it(office, path):
    outside = Caller(office.host, office.port)
    answer = outside.request("POST", path, {}, {"Authorization": f"Bearer {office.internal_token}"})
    assert answer.status in (400, 404, 405), answer
    outside.close()


def test_the_page_and_its_files_are_the_same_behind_the_proxy(office):
    outside, node = Public(office), Caller("127.0.0.1", office.stack.all_nodes()[0].port)
    page = outside.get("/events/1")
    assert page.status == 200 and page.body == node.get("/").body
    assert "script-src 'self'" in page.header("Content-Security-Policy") or b"/assets/" not in page.body
    for path in re.findall(rb'(?:src|href)="(/assets/[^"]+)"', page.body):
        answer = outside.request("GET", path.decode(), headers={"Accept-Encoding": "gzip"})
        assert answer.status == 200 and answer.header("Content-Encoding") == "gzip"
        assert answer.header("Cache-Control") == "public, max-age=31536000, immutable"
    assert outside.get("/assets/index-00000000.js").status == 404
    assert outside.get("/box-office").status == 404, "inside only"
    outside.close()


def test_healthz_is_the_proxys_own(office):
    assert Public(office).get("/healthz").status == 200


def test_the_proxys_refusals_have_the_contracts_body(office):
    outside = Caller(office.host, office.port)
    answer = outside.request("POST", f"{RESERVATION}/reservations", "x" * 100_000)
    assert (answer.status, answer.code) == (413, "CONTENT_TOO_LARGE"), answer
    check_problem(answer)
    answer = outside.request("GET", f"{CATALOG}/events?x=" + "y" * 20_000)
    assert (answer.status, answer.code) == (414, "URI_TOO_LONG"), answer
    outside.close()


def test_a_stream_is_passed_on_at_once(office, buyer, seats, event):
    viewer = SseClient(office, event)
    seat = seats.one()
    began = time.monotonic()
    assert buyer.hold(event, seat).status == 201
    viewer.wait_seat(seat, "HELD", 5)
    assert time.monotonic() - began < 5
    viewer.close()


def test_a_dead_node_of_each_role_is_passed_over(office, buyer, seats, event):
    """kill -9 of one node of each role: buyers go on with the other one."""
    killed = [office.stack.nodes[role][0] for role in ("catalog", "reservation", "order", "payment")]
    for node in killed:
        node.kill()
    try:
        deadline, good = time.monotonic() + 10, 0
        while good < 5 and time.monotonic() < deadline:
            seat = seats.one()
            held = buyer.hold(event, seat)
            assert held.status in (201, 503), held
            if held.status == 201 and buyer.order(event, seat).status == 201:
                good += 1
            else:
                time.sleep(0.2)
        assert good == 5
        assert Public(office).get(f"{CATALOG}/events").status == 200
    finally:
        for node in killed:
            node.begin()
        for node in killed:
            node.wait_ready()
    office.assert_audit_clean()


def test_the_client_cannot_forge_its_address(office):
    """X-Real-IP from outside is overwritten by nginx; the nodes are told the address that connected."""
    with socket.create_connection((office.host, office.port), timeout=10) as connection:
        connection.sendall(b"GET /ticketing/catalog/api/events HTTP/1.1\r\nHost: x\r\nX-Real-IP: 6.6.6.6\r\n"
                           b"Connection: close\r\n\r\n")
        while connection.recv(65536):
            pass
    assert "6.6.6.6" not in office.log()


def test_one_process_may_play_all_roles_beside_the_others(office, seats, event):
    """Any mix of roles a process: this one sells by itself what the other nodes sell too."""
    from scaled_stack import Node

    node = Node(office.stack, "catalog,reservation,order,payment", 1)
    node.begin()
    node.wait_ready()
    try:
        alone = type("Alone", (), {"host": "127.0.0.1", "port": node.port})
        buyer = Buyer(alone)
        seat = seats.one()
        assert buyer.buy(event, seat)["status"] == "CONFIRMED"
        assert Public(office).status(event, seat) == "SOLD"
        assert Buyer(office).hold(event, seat).code == "SEAT_SOLD"
        buyer.close()
    finally:
        assert node.stop() == 0, node.log_tail()
    office.assert_audit_clean()


def test_a_role_answers_its_own_addresses_only(office):
    asked = {"catalog": f"{CATALOG}/events", "order": f"{ORDER}/orders", "reservation": f"{RESERVATION}/reservations?eventId=1"}
    for role, nodes in office.stack.nodes.items():
        for other, path in asked.items():
            caller = Caller("127.0.0.1", nodes[0].port)
            answer = caller.get(path)
            assert answer.status == (200 if other == role else 404), (role, path, answer)
            caller.close()
