"""Staff's page of a campaign's matchmaking: its policy, what another would do, and its history."""
