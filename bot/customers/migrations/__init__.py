"""Alembic's migrations of the customer database; ``alembic revision --autogenerate`` writes one."""
