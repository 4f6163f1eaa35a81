"""Parts of the schema that SQLAlchemy's tables cannot say; `models.py` is the index."""
