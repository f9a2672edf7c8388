"""What no plan may do."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from policies.catalog import Catalog
from policies.errors import ApprovalRequired, GuardrailViolation
from policies.guardrails import Severity, check_forget, check_in_place, check_policy, check_removal, contains, enforce
from policies.policy import Policy
from policies.retention import Verdict
from policies.run import RunState


def catalog(**changes: object) -> Catalog:
    return Catalog.model_validate(
        {
            "repositories": {
                "local": {
                    "kind": "local",
                    "path": "/backup",
                    "mount": "/backup",
                    "password": {"file": "/etc/restora/key"},
                }
            },
            "datasets": {"home": {"kind": "files", "paths": ["/home"]}, "db": {"kind": "postgres"}},
            **changes,
        }
    )


def policy(**changes: object) -> Policy:
    fields = {
        "datasets": ["home"],
        "repositories": ["local"],
        "schedule": {"every": "1d", "at": ["01:40"]},
        "retention": {"keep_last": 7},
    }
    return Policy.model_validate({**fields, **changes})


def codes(policy: Policy, where: Catalog | None = None, **more: float) -> dict[str, Severity]:
    return {violation.code: violation.severity for violation in check_policy("p", policy, where or catalog(), **more)}


def local(path: str, **more: object) -> dict[str, object]:
    return {"local": {"kind": "local", "path": path, "password": {"file": "/etc/restora/key"}, **more}}


def test_a_sound_policy_passes() -> None:
    assert codes(policy(window={"from": "00:00", "to": "06:00"}), run_seconds=60) == {}


def test_no_policy_without_retention() -> None:
    with pytest.raises(ValidationError, match="retention"):
        Policy.model_validate({"datasets": ["d"], "repositories": ["r"], "schedule": {"every": "1h"}})
    with pytest.raises(ValidationError, match="says nothing"):
        policy(retention={})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"datasets": ["nothing"]}, "unknown"),
        ({"repositories": ["nowhere"]}, "unknown"),
        ({"datasets": ["home", "home"]}, "repeated"),
        ({"rpo": "6h"}, "rpo.period"),
        ({"bandwidth": "fast"}, "bandwidth"),
        ({"window": {"from": "02:00", "to": "06:00"}}, "window.at"),
        ({"window": {"from": "22:00", "to": "01:00"}}, "window.at"),
        ({"window": {"from": "01:00", "to": "02:00"}}, "window.short"),
    ],
)
def test_violations(change: dict[str, object], code: str) -> None:
    found = codes(policy(**change), run_seconds=7200)
    assert found[code] is Severity.VIOLATION
    with pytest.raises(GuardrailViolation):
        enforce(check_policy("p", policy(**change), catalog(), run_seconds=7200))


def test_a_dataset_may_want_more_than_the_policy_promises() -> None:
    strict = catalog(datasets={"home": {"kind": "files", "paths": ["/home"], "objectives": {"rpo": "1h"}}})
    (found,) = check_policy("p", policy(), strict)
    assert found.code == "rpo.period"
    assert "'home' wants to lose at most 1h" in found.message


@pytest.mark.parametrize(
    ("place", "exclude", "code"),
    [
        ("/home/backup", [], "repository.inside"),
        ("/home", [], "repository.inside"),
        ("/var/../home/x", [], "repository.inside"),
        ("/home/backup", ["/home/backup"], "repository.same-disk"),
        ("/", [], "dataset.inside"),
        ("/homes", [], "repository.same-disk"),
    ],
)
def test_no_repository_inside_its_own_source(place: str, exclude: list[str], code: str) -> None:
    where = catalog(
        repositories=local(place), datasets={"home": {"kind": "files", "paths": ["/home"], "exclude": exclude}}
    )
    assert set(codes(policy(), where)) == {code}


def test_same_disk_and_password_inside_are_warnings() -> None:
    where = catalog(
        repositories={"local": {"kind": "local", "path": "/srv/backup", "password": {"file": "/home/admin/key"}}}
    )
    assert codes(policy(), where) == {"repository.same-disk": Severity.WARNING, "password.inside": Severity.WARNING}
    enforce(check_policy("p", policy(), where))


def test_a_mount_of_its_own_is_another_disk() -> None:
    assert codes(policy(), catalog(repositories=local("/backup", mount="/backup"))) == {}
    mounted = {"home": {"kind": "files", "paths": ["/home"], "mounts": ["/home"]}}
    assert codes(policy(), catalog(repositories=local("/backup"), datasets=mounted)) == {}


def test_never_drilled_is_a_warning() -> None:
    assert codes(policy(verification={"drill_every": None})) == {"drill.never": Severity.WARNING}


@pytest.mark.parametrize(
    ("folder", "path", "inside"),
    [
        ("/a", "/a", True),
        ("/a", "/a/b", True),
        ("/a", "/ab", False),
        ("/a/", "/a//b", True),
        ("/a/b", "/a/c/../b/d", True),
        ("/", "/x", True),
    ],
)
def test_containment(folder: str, path: str, inside: bool) -> None:
    assert contains(folder, path) is inside


@pytest.mark.parametrize(
    ("gone", "kept", "refused"), [(4, 3, True), (3, 0, False), (4, 4, False), (0, 9, False), (5, 4, True)]
)
def test_abnormal_removal(gone: int, kept: int, refused: bool) -> None:
    verdicts = [Verdict(str(i), i >= gone, ()) for i in range(gone + kept)]
    if refused:
        with pytest.raises(GuardrailViolation, match=f"remove {gone} of {gone + kept}"):
            check_removal(verdicts)
        check_removal(verdicts, approved=True)
    else:
        check_removal(verdicts)


@pytest.mark.parametrize("state", [state for state in RunState if state is not RunState.SUCCEEDED])
def test_nothing_is_forgotten_after_an_unproven_run(state: RunState) -> None:
    with pytest.raises(GuardrailViolation, match=state.value):
        check_forget(state, check_passed=True)


def test_nothing_is_forgotten_after_a_failed_check() -> None:
    check_forget(RunState.SUCCEEDED, check_passed=True)
    with pytest.raises(GuardrailViolation, match="check failed"):
        check_forget(RunState.SUCCEEDED, check_passed=False)


def test_in_place_needs_an_approval_that_names_the_object() -> None:
    check_in_place("shop", "shop")
    for given in (None, "", "Shop", "yes"):
        with pytest.raises(ApprovalRequired, match="overwrites 'shop'"):
            check_in_place("shop", given)
