"""Tell people how a run ended, by the rule of its policy. A message that can't be sent is logged, and never fails a run."""

from __future__ import annotations

import logging

from orchestrator.wiring import Application
from policies.errors import RestoraError
from policies.quantity import human_size
from policies.run import GOOD, RunRecord, RunState

log = logging.getLogger("restora.notify")


def tell(application: Application, run: RunRecord) -> None:
    """Send what the policy's rule asks for."""
    policy = application.catalog.policies.get(run.policy)
    rule = policy.notify if policy else None
    good = run.state in GOOD
    level = logging.INFO if good or run.state is RunState.SKIPPED else logging.ERROR
    log.log(
        level,
        "run %s of %s into %s: %s%s",
        run.id,
        run.dataset,
        run.repository,
        run.state,
        f" ({run.reason})" if run.reason else "",
    )
    if rule is None or not rule.channels or (rule.on == "failure" and good) or (rule.on == "success" and not good):
        return
    subject = f"restora: {run.dataset} {run.state}"
    size = (
        f"{run.files:,} files, {human_size(run.bytes)}"
        if run.files is not None and run.bytes is not None
        else "nothing saved"
    )
    body = f"{run.dataset} into {run.repository}: {run.state}\n{run.reason}\n{size}\nrun {run.id}, slot {run.key}\n"
    for channel in rule.channels:
        try:
            application.notifier.send(
                application.catalog.notify[channel],
                subject,
                body,
                {"run": run.id, "state": run.state.value, "dataset": run.dataset},
            )
        except RestoraError as error:
            log.error("the message to %s could not be sent: %s", channel, error.message)
