# SPDX-License-Identifier: LGPL-2.1-or-later
"""Customer support desk: the smallest agent that is still a real one.

It takes support tickets over HTTP, answers each with a first reply and keeps them in SQLite in the
directory that systemd made for it. Nothing in here knows about systemd-fte: secrets and paths come
from the environment, logs go to stdout, GET /health says whether the agent can do its work.
"""

import logging
import os
import sqlite3
from contextlib import closing
from datetime import datetime, timezone

from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel, Field

log = logging.getLogger("digital-fte")
log.setLevel(logging.INFO)
log.addHandler(logging.StreamHandler())
log.propagate = False

SCHEMA = """
CREATE TABLE IF NOT EXISTS tickets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    reply TEXT NOT NULL,
    created TEXT NOT NULL
)
"""

# First reply by what the ticket talks about. A real agent asks a language model here, with the key
# in os.environ["OPENAI_API_KEY"].
REPLIES = {
    "password": "You can set a new password on the sign-in page. Tell us if the mail does not arrive.",
    "invoice": "Thank you. Accounting looks at your invoice and answers within one working day.",
    "refund": "We are sorry. Your refund request is with a colleague who can decide about it.",
}
DEFAULT_REPLY = "Thank you for your message. A colleague looks at it and comes back to you."


class NewTicket(BaseModel):
    customer: str = Field(min_length=1, max_length=200)
    subject: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=20000)


def database_path() -> str:
    """Path from DATABASE_URL (sqlite:///relative or sqlite:////absolute), else the state directory."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return os.path.join(os.environ.get("STATE_DIRECTORY", "."), "tickets.db")
    prefix = "sqlite:///"
    if not url.startswith(prefix) or len(url) == len(prefix):
        raise SystemExit("DATABASE_URL must look like sqlite:////var/lib/digital-fte/tickets.db")
    return url[len(prefix):]


DATABASE = database_path()


def connect() -> sqlite3.Connection:
    db = sqlite3.connect(DATABASE, timeout=5)
    db.row_factory = sqlite3.Row
    return db


def first_reply(ticket: NewTicket) -> str:
    text = f"{ticket.subject} {ticket.body}".lower()
    return next((reply for word, reply in REPLIES.items() if word in text), DEFAULT_REPLY)


def prepare_database() -> None:
    with closing(connect()) as db, db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(SCHEMA)
    log.info("tickets are kept in %s", DATABASE)


prepare_database()
app = FastAPI(title="Customer support Digital FTE")


# Plain "def": FastAPI runs these in its thread pool, so that a slow disk never blocks the loop.
@app.get("/health")
def health(response: Response) -> dict:
    """Runs a query on the table the agent lives from: an agent without it is not healthy."""
    try:
        with closing(connect()) as db:
            count = db.execute("SELECT count(*) FROM tickets").fetchone()[0]
    except sqlite3.Error as error:
        log.error("health: %s", error)
        response.status_code = 503
        return {"status": "error", "database": str(error)}
    return {"status": "ok", "tickets": count}


@app.get("/tickets")
def list_tickets(limit: int = 50) -> list:
    with closing(connect()) as db:
        rows = db.execute(
            "SELECT * FROM tickets ORDER BY id DESC LIMIT ?", (max(1, min(limit, 500)),)
        ).fetchall()
    return [dict(row) for row in rows]


@app.post("/tickets", status_code=201)
def create_ticket(ticket: NewTicket) -> dict:
    created = datetime.now(timezone.utc).isoformat(timespec="seconds")
    with closing(connect()) as db, db:
        cursor = db.execute(
            "INSERT INTO tickets (customer, subject, body, reply, created) VALUES (?, ?, ?, ?, ?)",
            (ticket.customer, ticket.subject, ticket.body, first_reply(ticket), created),
        )
        row = db.execute("SELECT * FROM tickets WHERE id = ?", (cursor.lastrowid,)).fetchone()
    log.info("ticket %d stored", row["id"])
    return dict(row)


@app.get("/tickets/{ticket_id}")
def read_ticket(ticket_id: int) -> dict:
    with closing(connect()) as db:
        row = db.execute("SELECT * FROM tickets WHERE id = ?", (ticket_id,)).fetchone()
    if row is None:
        raise HTTPException(status_code=404, detail="no such ticket")
    return dict(row)
