"""Work done outside requests; each job calls one service."""
