"""From a person's wish to a restore order, and the order carried out and recorded."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from orchestrator import ledger
from orchestrator.assemble import points, repositories_of, restore_tools
from orchestrator.points import PointWish, choose
from orchestrator.ports import RepositoryPort
from orchestrator.run_restore import Restored, RestoreOrder, as_record, free_target, restore
from orchestrator.wiring import Application
from policies.catalog import Catalog
from policies.dataset import FilesDataset, PostgresDataset, SqliteDataset
from policies.errors import ConfigurationError, RepositoryError, RestoraError, ToolMissing, UsageError
from policies.run import Progress, RunState
from policies.snapshot import TAG_SAFETY, RecoveryPoint


def find_dataset(catalog: Catalog, word: str) -> str:
    """The dataset with this name or alias."""
    folded = word.casefold()
    same = [
        n for n, d in catalog.datasets.items() if folded == n.casefold() or folded in {a.casefold() for a in d.aliases}
    ]
    if same:
        return same[0]
    import difflib

    near = difflib.get_close_matches(word, list(catalog.datasets), 1)
    have = ", ".join(catalog.datasets) or "none; restora init"
    raise ConfigurationError(
        f"{word!r} is no dataset", hint=f"did you mean {near[0]!r}?" if near else f"there is: {have}"
    )


def order_for(
    application: Application,
    word: str,
    wish: PointWish,
    *,
    target: str,
    items: tuple[str, ...],
    in_place: bool,
    repository: str,
) -> RestoreOrder:
    """The order behind the wish; every doubt is an error here, before anything is touched."""
    if in_place and target:
        raise UsageError(
            f"--in-place and --to {target} contradict each other",
            hint="leave out one of them",
            untouched="nothing was changed",
        )
    dataset = find_dataset(application.catalog, word)
    place, found = _found(application, dataset, [repository] if repository else repositories_of(application, dataset))
    proven = [d.point for d in application.state.drills(dataset=dataset) if d.verdict == "proven"]
    if not wish.snapshot:  # a copy of what was being replaced, or of what looked wrong, only by its id
        found = [p for p in found if not _doubtful(application, p)] or found
    point = choose(found, wish, dataset=dataset, zone=application.catalog.zone(), proven=proven)
    kept = application.catalog.datasets[dataset]
    if not in_place and not (isinstance(kept, PostgresDataset) and target and "/" not in target):
        name = Path(kept.path).name if isinstance(kept, SqliteDataset) and (not target or target.endswith("/")) else ""
        target = free_target(target, dataset, application.settings.restores, application.clock.now(), name=name)
    if isinstance(kept, FilesDataset):
        if in_place:
            _still_there(application, dataset, kept, point)
        opened = application.repository(place)
        items = tuple(located(item, kept.paths, lambda path: _holds(opened, point, path)) for item in items)
    return RestoreOrder(dataset, place, point, target, items, in_place)


def _still_there(application: Application, dataset: str, kept: FilesDataset, point: RecoveryPoint) -> None:
    """UsageError where the dataset's folders are others now than when the point was saved: "in place" is no place then."""
    saved = json.loads(application.state.facts(point.id).get("paths", "[]"))
    if set(saved) - set(kept.paths):
        raise UsageError(
            f"{dataset!r} was {', '.join(saved)} when that point was saved, and is {', '.join(kept.paths)} now",
            hint=f"restora restore {dataset} --to FOLDER, and move from there what is wanted", untouched="nothing was changed",
        )  # fmt: skip


def located(item: str, paths: Sequence[str], holds: Callable[[str], bool]) -> str:
    """The whole path of an item that may be written from one of the dataset's folders on: the first that holds it."""
    if item.startswith("/"):
        return item
    candidates = [f"{path.rstrip('/')}/{item.removeprefix('./').strip('/')}" for path in paths]
    return next((path for path in candidates if len(candidates) > 1 and holds(path)), candidates[0])


def _holds(repository: RepositoryPort, point: RecoveryPoint, path: str) -> bool:
    return any(next(iter(repository.entries(part.id, path)), None) is not None for part in point.parts)


def restore_now(
    application: Application, order: RestoreOrder, approved: str, progress: Callable[[Progress], None]
) -> Restored:
    """Carry the order out under the dataset's lease; it ends in the ledger and, when proven, beside the drills."""
    from dataclasses import replace

    order = replace(order, approved=approved)
    done = restore(order, restore_tools(application, order, progress))
    application.state.add_drill(as_record(done, secrets.token_hex(6)))
    ledger.note(application.state, application.clock, "restore", {
        "dataset": order.dataset, "repository": order.repository, "point": order.point.id, "place": done.place,
        "in_place": order.in_place, "approved": approved, "items": list(order.items), "proven": done.proven, "safety_run": done.safety,
    })  # fmt: skip
    return done


def _found(application: Application, dataset: str, places: list[str]) -> tuple[str, list[RecoveryPoint]]:
    """The first repository that opens and holds the dataset."""
    problems: list[RestoraError] = []
    for place in places:
        try:
            found = points(application, dataset, place, refresh=True)
        except (RepositoryError, ConfigurationError, ToolMissing) as error:  # a secret that is gone: the next may open
            problems.append(error)
            continue
        if found:
            return place, found
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise RepositoryError(
            f"no repository with {dataset!r} could be opened: {'; '.join(p.message for p in problems)}",
            hint="restora doctor",
        )
    raise UsageError(
        f"there is no backup of {dataset!r} to restore in {', '.join(places)}", hint=f"restora run {dataset}"
    )


def _doubtful(application: Application, point: RecoveryPoint) -> bool:
    if any(TAG_SAFETY in part.tags for part in point.parts):
        return True
    run = application.state.run(point.id)
    return run is not None and run.state is RunState.SUSPECT
