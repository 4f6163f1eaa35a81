"""Numbered migrations; `HEAD` names the newest, so that two branches that both add one conflict."""
