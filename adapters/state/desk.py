"""What waits for somebody: proposals for approval, requests for the daemon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, select, update

from adapters.state.room import Room
from adapters.state.tables import ProposalRow, RequestRow, table
from policies.request import Proposal, Request

PROPOSALS, REQUESTS = table(ProposalRow), table(RequestRow)
REQUESTS_KEPT = timedelta(days=30)


class DeskRoom(Room):
    def put_proposal(self, proposal: Proposal) -> None:
        """Remember a proposal; one with the same id is replaced."""
        row = {"id": proposal.id, "time": proposal.time, "body": proposal.body, "state": proposal.state}
        with self._database.writing() as connection:
            connection.execute(self._database.upsert(PROPOSALS).values(**row))

    def proposal(self, proposal_id: str) -> Proposal | None:
        """The proposal with this id."""
        with self._database.reading() as connection:
            row = connection.execute(select(PROPOSALS).where(PROPOSALS.c.id == proposal_id)).first()
        return Proposal(row.id, row.time, row.body, row.state) if row else None

    def proposals(self, *, state: str = "", limit: int = 50) -> list[Proposal]:
        """Newest first."""
        statement = select(PROPOSALS).order_by(PROPOSALS.c.time.desc(), PROPOSALS.c.id.desc()).limit(limit)
        if state:
            statement = statement.where(PROPOSALS.c.state == state)
        with self._database.reading() as connection:
            return [Proposal(row.id, row.time, row.body, row.state) for row in connection.execute(statement)]

    def move_proposal(self, proposal_id: str, before: str, after: str) -> bool:
        """Change its state if it still is `before`; False if somebody was faster or there is no such proposal."""
        statement = (
            update(PROPOSALS).where(PROPOSALS.c.id == proposal_id, PROPOSALS.c.state == before).values(state=after)
        )
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount == 1

    def add_request(self, request: Request) -> bool:
        """Ask the daemon for work; False if a request with this id exists. Those closed long ago are dropped."""
        row = {"id": request.id, "time": request.time, "body": request.body, "open": True, "result": None}
        statement = self._database.insert(REQUESTS).values(**row).on_conflict_do_nothing().returning(REQUESTS.c.id)
        old = delete(REQUESTS).where(REQUESTS.c.open.is_(False), REQUESTS.c.time < request.time - REQUESTS_KEPT)
        with self._database.writing() as connection:
            connection.execute(old)
            return connection.execute(statement).first() is not None

    def open_requests(self) -> list[Request]:
        """Oldest first."""
        statement = select(REQUESTS).where(REQUESTS.c.open.is_(True)).order_by(REQUESTS.c.time, REQUESTS.c.id)
        with self._database.reading() as connection:
            return [Request(row.id, row.time, row.body, row.result) for row in connection.execute(statement)]

    def request(self, request_id: str) -> Request | None:
        """The request with this id; its result is None until it is closed."""
        with self._database.reading() as connection:
            row = connection.execute(select(REQUESTS).where(REQUESTS.c.id == request_id)).first()
        return Request(row.id, row.time, row.body, row.result) if row else None

    def close_request(self, request_id: str, result: Mapping[str, object]) -> bool:
        """Answer it; False if it was closed before (the first answer stays) or there is none."""
        statement = update(REQUESTS).where(REQUESTS.c.id == request_id, REQUESTS.c.open.is_(True))
        with self._database.writing() as connection:
            return connection.execute(statement.values(open=False, result=dict(result))).rowcount == 1
