"""tools/contract_lint.py on the real contract, and on copies with one fault planted in each."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("jsonschema")
TOOL = Path(__file__).with_name("contract_lint.py")
ROOT = TOOL.parent.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "contract", tmp_path / "contract")
    (tmp_path / "backend/base").mkdir(parents=True)
    shutil.copy(ROOT / "backend/base/code.hpp", tmp_path / "backend/base")
    return tmp_path


def faults(checkout: Path) -> list:
    done = subprocess.run([sys.executable, str(TOOL), str(checkout)], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == (1 if lines else 0), done.stderr
    return lines


def plant(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} no longer has {old!r}: plant another fault"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_contract_has_no_fault(checkout):
    assert faults(checkout) == []


@pytest.mark.parametrize("old, new, told", [
    ("'#/components/responses/HoldLapsed'}", "'#/components/responses/Gone'}", "#/components/responses/Gone is not there"),
    ("description: Where the file is", "description: Here, where the file is", "has no value"),
    ("      operationId: getEvent\n", "", "GET /ticketing/catalog/api/events/{eventId}: has no operationId"),
    ("operationId: getEvent\n", "operationId: listEvents\n", "has the operationId of GET"),
    ("tags: [order]", "tags: [orders]", "has not exactly one of the declared tags"),
    ("            Trace-Id: {$ref: '#/components/headers/TraceId'}\n", "", "200: has no Trace-Id"),
    ("        Allow: {$ref: '#/components/headers/Allow'}\n", "", "405: has no Allow"),
    ("        Retry-After: {$ref: '#/components/headers/RetryAfter'}\n", "", "has no Retry-After"),
    ("version: 4294967301\n", "version: -1\n", "example start: the example does not fit its schema at version"),
    ("seatIds: [4, 7]}}", "seatIds: []}}", "example two: the example does not fit its schema at seatIds"),
    ("name: seatId\n      in: path", "name: seat\n      in: path", "the path's parameters are not those declared"),
    ("code: {enum: [RESERVATION_EXPIRED]}", "code: {enum: [RESERVATION_LAPSED]}", "RESERVATION_LAPSED is not in errors.json"),
    ("code: {enum: [RESERVATION_EXPIRED]}", "code: {enum: [SEAT_SOLD]}", "SEAT_SOLD has the status 409 in errors.json"),
    ("        - NOT_ON_SALE\n", "        - NOT_YET\n", "NOT_ON_SALE is in errors.json only"),
    ("        message: \"Your hold on", "        message: \"Their hold on", "example of RESERVATION_EXPIRED has another message"),
    ("    TraceIdIn:\n", "    Unused:\n      name: x\n      in: query\n      schema: {}\n    TraceIdIn:\n", "parameters/Unused is used nowhere"),
])
def test_a_fault_in_the_api_is_told(checkout, old, new, told):
    plant(checkout / "contract/openapi.yaml", old, new)
    assert any(told in line for line in faults(checkout))


@pytest.mark.parametrize("old, new, told", [
    ('"code": "LIMIT_EXCEEDED"', '"code": "LIMIT_REACHED"', "no answer in openapi.yaml uses it"),
    ('"status": 410', '"status": 409', "RESERVATION_EXPIRED has the status 409"),
    ('"retryable": true', '"retryable": "yes"', "retryable is missing or no bool"),
    ('"docs": "/docs#SEAT_SOLD"', '"docs": "/docs"', "docs does not lead to its entry"),
    ('"message": "Send an', '"message": "' + "long " * 30 + '', "the message is longer"),
])
def test_a_fault_in_the_errors_is_told(checkout, old, new, told):
    plant(checkout / "contract/errors.json", old, new)
    assert any(told in line for line in faults(checkout))


@pytest.mark.parametrize("old, new, told", [
    ("  seat_sold,", "", "SEAT_SOLD is in errors.json only"),
    ("  seat_sold,", "  seat_sold,\n  seat_lost,", "SEAT_LOST is in the enum only"),
])
def test_the_enum_of_failures_is_held_against_the_errors(checkout, old, new, told):
    plant(checkout / "backend/base/code.hpp", old, new)
    assert any(told in line for line in faults(checkout))


@pytest.mark.parametrize("file, old, new, told", [
    ("SEATS_SOLD.json", '"const": "SEATS_SOLD"', '"const": "SEAT_SOLD"', "does not fix its type to its name"),
    ("SEATS_SOLD.json", '"seatIds": [', '"seats": [', "the example does not fit"),
    ("ORDER_CANCELLED.json", '"subject": "019', '"subject": "01a', "subject is not its order"),
    ("envelope.json", '"ORDER_CREATED",', "", "ORDER_CREATED has a file but is not among the types"),
    ("ORDER_CREATED.json", '"examples"', '"instances"', "has no example"),
])
def test_a_fault_in_the_events_is_told(checkout, file, old, new, told):
    plant(checkout / "contract/events" / file, old, new)
    assert any(told in line for line in faults(checkout))


def test_yaml_that_cannot_be_read_is_one_line(checkout):
    (checkout / "contract/openapi.yaml").write_text("a: [")
    assert len([line for line in faults(checkout) if line.startswith("contract: ")]) == 1
