"""The audit is insert-only: the database itself refuses to change, delete or replace an entry.

Who owns the table can take the triggers away; a deployment with two roles, docs/operations.md,
closes that. Alembic's batch mode makes a SQLite table anew without its triggers: a later revision
that does so to `audit` creates them again.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

REFUSAL = "The audit is insert-only."
SQLITE = {
    "audit_refuses_update": "BEFORE UPDATE ON audit",
    "audit_refuses_delete": "BEFORE DELETE ON audit",
    # REPLACE deletes without asking the trigger for deletion, and an entry goes to the end.
    "audit_refuses_insert": (
        "BEFORE INSERT ON audit WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)"
    ),
}
POSTGRESQL = "audit_refuses"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, condition in SQLITE.items():
            op.execute(
                f"CREATE TRIGGER {name} {condition} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {POSTGRESQL}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    # For the statement, not for each row: a statement that would touch no row is wrong as well.
    op.execute(
        f"CREATE TRIGGER {POSTGRESQL} BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {POSTGRESQL}()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in SQLITE:
            op.execute(f"DROP TRIGGER {name}")
        return
    op.execute(f"DROP TRIGGER {POSTGRESQL} ON audit")
    op.execute(f"DROP FUNCTION {POSTGRESQL}()")
