"""Pages of the leaderboard. They read snapshots; no board is computed in a request."""
