"""Configuration texts that tests start from."""

from __future__ import annotations

WHOLE = """\
# What must never be lost.
version: 1

site:
  timezone: Europe/Berlin   # where the office is
  night: {from: "22:00", to: "06:00"}

repositories:
  # on the second disk
  local:
    kind: local
    path: /srv/restora/repo
    password: {file: /etc/restora/local.password}
  offsite:
    kind: s3
    bucket: example-backups
    password: {environment: OFFSITE_PASSWORD}
    offsite: true

datasets:
  docs:
    kind: files
    paths:
      - /home/docs      # the papers
      - /home/pictures
    exclude: ["*.tmp"]

  shop:                   # the till
    kind: postgres
    databases: [shop]
    host: localhost
    user: backup
    password: {file: /etc/restora/shop.password}

policies:
  # asked for by the owner
  docs:
    datasets: [docs]
    repositories: [local]
    schedule:
      every: 1d
      at: ["01:40"]       # the disk is idle then
    retention:
      keep_within: 30d

notify:
  ops:
    kind: email
    to: [ops@example.com]
"""
