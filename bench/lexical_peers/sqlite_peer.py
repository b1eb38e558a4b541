"""SQLite FTS5's side of lexical_peers; arguments as lexical_peer.cpp.

detail=full always: with less FTS5's bm25() is 0 for every row. It scores every match, so a query
takes so long that only those are timed that fit in a budget."""
import os
import sqlite3

import harness

BUDGET_SECONDS = 20


def build(index, tokens, _positions):
    os.makedirs(index, exist_ok=True)
    path = os.path.join(index, "fts.db")
    with sqlite3.connect(path) as database, open(tokens, encoding="utf-8") as lines:
        # Tokens may hold signs that unicode61 would cut at.
        database.execute("CREATE VIRTUAL TABLE texts USING fts5(body, content='', detail=full, "
                         "tokenize=\"unicode61 remove_diacritics 0 tokenchars "
                         "'!#$%&()*+,-./:;<=>?@[\\]^_`{|}~'\")")
        database.executemany("INSERT INTO texts(rowid, body) VALUES (?, ?)",
                             ((number + 1, line) for number, line in enumerate(lines)))
        database.execute("INSERT INTO texts(texts) VALUES ('optimize')")
    database.execute("VACUUM")
    documents = database.execute("SELECT count(*) FROM texts_docsize").fetchone()[0]
    database.close()
    return f"{sqlite3.sqlite_version}, FTS5 detail=full", documents, os.path.getsize(path)


def searcher(index):
    database = sqlite3.connect(os.path.join(index, "fts.db"))
    joins = {"or": " OR ", "and": " AND ", "count": " AND ", "phrase": " + "}
    ranked = "SELECT rowid - 1, -bm25(texts) FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT "

    def task_of(kind, k):
        statement = ranked + str(k) if kind != "count" else (
            "SELECT count(*), 0 FROM texts WHERE texts MATCH ?")

        def task(terms):
            match = joins[kind].join('"' + term.replace('"', '""') + '"' for term in terms)
            return database.execute(statement, (match,)).fetchall()

        return task

    return task_of


if __name__ == "__main__":
    harness.main("sqlite", build, searcher, BUDGET_SECONDS)
