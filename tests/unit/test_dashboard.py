"""Every query of the dashboard names figures that a worker has, with labels that they have."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest
from livekit.agents.telemetry import metrics as framework
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from offmic import metrics
from tests.fakes.worker import PROJECT

DASHBOARD: Final[dict[str, Any]] = json.loads(
    (PROJECT / "deploy" / "grafana" / "offmic.json").read_text()
)
QUERIES: Final = [
    (panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]
]
_NAME: Final = re.compile(r"\b(?:offmic|lk_agents)_[a-z_]+")


def _figures() -> dict[str, set[str]]:
    """Return the labels of every time series that a worker serves, by its name."""
    found: dict[str, set[str]] = {}
    for module in (metrics, framework):
        for metric in vars(module).values():
            if not isinstance(metric, MetricWrapperBase):
                continue
            labels = set(vars(metric)["_labelnames"])
            for described in metric.describe():
                for end in {
                    "counter": ("_total",),
                    "histogram": ("_bucket", "_sum", "_count"),
                }.get(described.type, ("",)):
                    found[described.name + end] = labels | {"le"}
    return found


@pytest.mark.parametrize(("title", "query"), QUERIES)
def test_a_query_names_what_there_is(title: str, query: str) -> None:
    figures = _figures()
    names = set(_NAME.findall(query))
    assert names, title
    assert names <= set(figures), title
    asked = set(re.findall(r"([a-z]+)!?=\"", query))
    for by in re.findall(r"by \(([^)]*)\)", query):
        asked |= {label.strip() for label in by.split(",")}
    assert asked <= set.union(*(figures[name] for name in names)), title
    for part in re.findall(r'part!?="([a-z]+)"', query):
        assert part in set(metrics.Part), title


def test_every_figure_of_the_project_is_shown() -> None:
    shown = {name for _, query in QUERIES for name in _NAME.findall(query)}
    ours = {name for name in _figures() if name.startswith("offmic_")}
    bases = {re.sub(r"_(bucket|sum|count)$", "", name) for name in ours}
    assert bases <= {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown}


def test_panels_do_not_overlap_and_have_names_of_their_own() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({panel["title"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


def test_the_registry_knows_the_same_names() -> None:
    registered = {family.name for family in REGISTRY.collect()}
    assert {"offmic_turn_seconds", "offmic_diverted", "offmic_deliveries"} <= registered
