"""The files that deploy a fleet say what the program knows; Kubernetes' own schemas take them."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
import yaml

from offmic.settings import NAMES
from tests.fakes.worker import PROJECT

_MANIFESTS = sorted(
    path
    for path in (PROJECT / "deploy" / "kubernetes").glob("*.yaml")
    if path.name != "kustomization.yaml"
)


def documents() -> list[dict[str, Any]]:
    return [one for path in _MANIFESTS for one in yaml.safe_load_all(path.read_text())]


def pods() -> list[tuple[str, dict[str, Any]]]:
    return [
        (one["metadata"]["name"], one["spec"]["template"]["spec"])
        for one in documents()
        if one["kind"] == "Deployment"
    ]


@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_the_schemas_take_each_manifest(version: str) -> None:
    for one in documents():
        kubernetes_validate.validate(one, version, strict=True)  # type: ignore[attr-defined]


def test_every_manifest_is_applied() -> None:
    kustomization = yaml.safe_load((PROJECT / "deploy/kubernetes/kustomization.yaml").read_text())
    assert sorted(kustomization["resources"]) == [path.name for path in _MANIFESTS]


def test_no_pod_may_more_than_it_needs() -> None:
    for name, pod in pods():
        assert pod["securityContext"]["runAsNonRoot"], name
        assert not pod["automountServiceAccountToken"], name
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"], name
            assert context["capabilities"] == {"drop": ["ALL"]}, name
            assert not context["allowPrivilegeEscalation"], name
            assert "limits" in container["resources"], name


def test_a_worker_has_longer_than_its_drain_time() -> None:
    (worker,) = [pod for name, pod in pods() if name == "worker"]
    arguments = worker["containers"][0]["args"]
    drain_s = int(arguments[arguments.index("--drain-timeout") + 1])
    assert worker["terminationGracePeriodSeconds"] > drain_s
    compose = yaml.safe_load((PROJECT / "compose.yaml").read_text())
    for name in ("worker-1", "worker-2"):
        service = compose["services"][name]
        drain_s = int(service["command"][service["command"].index("--drain-timeout") + 1])
        assert int(service["stop_grace_period"].removesuffix("s")) > drain_s


def test_every_setting_is_one_that_offmic_knows() -> None:
    compose = yaml.safe_load((PROJECT / "compose.yaml").read_text())
    names = {
        name for service in compose["services"].values() for name in service.get("environment", {})
    }
    for _, pod in pods():
        for container in pod["containers"]:
            names |= {variable["name"] for variable in container.get("env", [])}
    assert names - {"LIVEKIT_CONFIG", "NUM_CPUS"} <= NAMES
