"""A call full of secrets, a careless agent, DEBUG logs and a collector: no value leaves a job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aiohttp
import pytest

from offmic.audit.renderings import leaks
from tests.fakes.collector import collector
from tests.fakes.desk import DOOR, LABELS, MAGIC, VALUES, WIFI, model_settings, running_desk
from tests.fakes.openai_server import Step, scripted_model
from tests.fakes.planted import REGISTERED, UNREGISTERED
from tests.fakes.scripts import calls, looks_up, repeats_handle, says, user_says
from tests.fakes.visitor import visitor
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from tests.fakes.desk import Desk
    from tests.fakes.visitor import Visitor

pytestmark = pytest.mark.sfu

CARD = "4539 1488 0343 6467"
PASSWORD = "Vm7-Trellis_Fog"
INVENTED = "Blue-Harbour-5521"
PIN = "seven three nine one zero five"
PIN_DIGITS = "739105"


def _script() -> list[Step]:
    return [
        looks_up(user_says("wi-fi", "wifi"), "Wi-Fi password"),
        calls(user_says("spill"), "spill"),
        calls(user_says("stumble"), "stumble"),
        says(user_says("card"), "Thank you."),
        says(user_says("my pin"), "I see."),
        says(
            user_says("outright"),
            *("The door code is four eight", " zero two one five, the magic word is ", MAGIC),
            f". Your new password is {INVENTED} and the key is {UNREGISTERED}.",
        ),
        repeats_handle("Here: ", ". Done."),
    ]


async def _talk(desk: Desk, caller: Visitor) -> None:
    for text in (
        "What is the wifi password?",
        "Please spill it.",
        "Please stumble.",
        f"My card number is {CARD} and my password is {PASSWORD}.",
        "Say it outright.",
    ):
        events = len(caller.caller.events)
        await caller.caller.type(text)
        await caller.caller.wait_until_answered(events, 60)
    await caller.ask(f"My pin is {PIN}.", within_s=20)


async def test_no_sink_of_a_job_holds_a_value_of_a_call_full_of_secrets() -> None:
    steps = _script()
    async with scripted_model(*steps) as model, collector() as otel:
        settings = model_settings(model) | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": otel.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "OFFMIC_RETURN_S": "1",
        }
        async with running_desk(settings, program="tests/fakes/careless.py") as desk:
            async with visitor(desk.sfu, "careless") as caller:
                await caller.greeted()
                await _talk(desk, caller)
                figures = await _figures(desk)
                shown = {value for _, value in caller.shown}
            await desk.worker.wait_for_output("the end of", 60)
            await eventually(lambda: "job_entrypoint" in otel.names(), 30, "the last span came")
            output = desk.worker.output
            files = {
                path.name: path.read_text(errors="replace")
                for path in desk.worker.folder.rglob("*")
                if path.is_file() and path.name != "output"
            }
    # What was to leave did leave: the sinks were open.
    assert {WIFI, DOOR, MAGIC, REGISTERED} <= shown
    for word in (
        *("printed", "native", "descriptor", "to stderr", "in the text", "a callback had"),
        *("a thread had", "cannot open with", "it failed", "by its name", "lk.pii.text"),
    ):
        assert word in output, word
    assert {"llm_node", "tts_node", "function_tool", "careless"} <= otel.names()
    assert "lk.agents" in otel.everything
    assert {"report.json", "history.json"} <= set(files)
    assert "function_call" in files["report.json"]
    assert 'offmic_deliveries_total{kind="password",outcome="shown"}' in figures
    assert 'sink="stdout"' in figures
    assert "lk_agents_active_job_count" in figures
    for free in (*LABELS.values(), "tool word", "careless", "visitor", "{{secret:"):
        assert free not in figures
    values = (*VALUES.values(), REGISTERED, UNREGISTERED, CARD, PASSWORD, INVENTED)
    for name, sink in {
        "output": output,
        "collector": otel.everything,
        "figures": figures,
        **files,
    }.items():
        for value in values:
            assert not leaks(value, sink), (name, value, _around(value, sink))
    assert PIN_DIGITS not in re.sub(r"\D", "", output.rpartition("my pin")[2][:200])


async def _figures(desk: Desk) -> str:
    port = re.search(r"HTTP server listening on [^:]+:(\d+)", desk.worker.output)
    assert port
    url = f"http://127.0.0.1:{port[1]}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return await answer.text()


def _around(value: str, text: str) -> str:
    at = text.find(value)
    return text[max(0, at - 200) : at + 200]
