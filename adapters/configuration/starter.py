"""The commented restora.yaml that `restora init` writes. Lines with `#` and no space behind it are examples: uncomment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter, ValidationError

from adapters.configuration.load import parse
from adapters.configuration.render import block, plain, scalar_text
from policies.capture import Candidate
from policies.catalog import Catalog, Site
from policies.dataset import Dataset
from policies.errors import ConfigurationError
from policies.repository import Repository

HEAD = """\
# What must never be lost, where its copies live, and when they are made.
# restora reads this file at each start and changes only the keys that you ask it to change; comments stay.
# Secrets are never written here: name the place where one is found.
"""
SITE = """\
  #language: zh                           # of plans and reports; English only so far
  #night: {from: "22:00", to: "06:00"}    # what "nightly" means here
"""
REPOSITORIES = """\
  # A second copy survives the loss of this site.
  #offsite:
  #  kind: s3
  #  endpoint: https://s3.eu-central-1.amazonaws.com
  #  region: eu-central-1
  #  bucket: example-backups
  #  password: {file: /etc/restora/offsite.password}
  #  access_key: {file: /etc/restora/offsite.access-key}
  #  secret_key: {file: /etc/restora/offsite.secret-key}
  #  offsite: true
"""
DATASETS = """\
  #etc:
  #  kind: files
  #  paths: [/etc, /home]
  #  exclude: ["*.tmp", "/home/*/.cache"]
  #example-database:
  #  kind: postgres
  #  databases: [example]
  #  host: localhost
  #  user: backup
  #  password: {file: /etc/restora/example-database.password}
  #  objectives: {rpo: 24h, rto: 1h}
"""
POLICIES = """\
  # `restora "back up {dataset} nightly, keep 30 days"` writes one here; or by hand:
  #{name}:
  #  datasets: [{dataset}]
  #  repositories: [{repository}]
  #  schedule:
  #    every: 1d
  #    at: ["01:40"]
  #  retention:
  #    keep_within: 30d
  #  window: {{from: "00:00", to: "06:00"}}
"""
NOTIFY = """\
  #ops:
  #  kind: email
  #  to: [ops@example.com]
  #  smtp: localhost:25
  #chat:
  #  kind: webhook
  #  url: {file: /etc/restora/webhook}
"""


def starter(
    repositories: Mapping[str, Repository],
    candidates: Iterable[Candidate],
    *,
    site: Site | None = None,
    schema: str = "",
) -> str:
    """The text of a first configuration file: repositories and datasets as given, policies as commented examples.

    `schema`: URL or path of the JSON schema, for editors. Names and aliases that clash are made different. Raises
    ConfigurationError for a candidate that is no dataset."""
    site = site or Site()
    datasets, details = _datasets(candidates)
    lines = [f"# yaml-language-server: $schema={_one_line(schema)}"] if schema else []
    lines += [*HEAD.splitlines(), "version: 1", "", "site:", *block({"timezone": site.timezone}, 2)]
    said = {key: value for key, value in plain(site).items() if key != "timezone"}
    lines += block(said, 2)
    lines += [line for line in SITE.splitlines() if line.strip("# ").partition(":")[0] not in said]
    lines += ["", "repositories:", *block(plain(repositories), 2), *REPOSITORIES.splitlines(), "", "datasets:"]
    for name, dataset in datasets.items():
        if details[name]:
            lines.append(f"  # {details[name]}")
        lines += block({name: plain(dataset)}, 2)
    first = next(iter(datasets), "etc")
    words = {
        "dataset": scalar_text(first),
        "repository": scalar_text(next(iter(repositories), "local")),
        "name": scalar_text(first),
    }
    lines += [
        *DATASETS.splitlines(),
        "",
        "policies:",
        *POLICIES.format(**words).splitlines(),
        "",
        "notify:",
        *NOTIFY.splitlines(),
    ]
    text = "\n".join(lines) + "\n"
    parse(text)
    return text


def _datasets(candidates: Iterable[Candidate]) -> tuple[dict[str, Dataset], dict[str, str]]:
    reader: TypeAdapter[Dataset] = TypeAdapter(Dataset)
    datasets: dict[str, Dataset] = {}
    details: dict[str, str] = {}
    taken: set[str] = set()
    for candidate in candidates:
        name = _free(candidate.name, taken)
        taken.add(name.casefold())
        aliases = [word for word in candidate.aliases if word and word.casefold() not in taken]
        aliases = list({word.casefold(): word for word in aliases}.values())
        taken.update(word.casefold() for word in aliases)
        fields = {**candidate.fields, "kind": candidate.kind, **({"aliases": aliases} if aliases else {})}
        try:
            datasets[name] = reader.validate_python(fields)
        except ValidationError as error:
            wrong = ", ".join(sorted({str(one["loc"][-1]) for one in error.errors() if one["loc"]})) or "its kind"
            raise ConfigurationError(f"what was found as {candidate.name!r} is no dataset: {wrong}") from None
        details[name] = _one_line(candidate.detail)
    Catalog(datasets=datasets)  # names are as they must be
    return datasets, details


def _free(wanted: str, taken: set[str]) -> str:
    """A valid name that is not in use."""
    name = re.sub(r"[^\w.\-]+", "-", wanted).strip("-.")[:55] or "data"
    number, free = 2, name
    while free.casefold() in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
