"""OpenMetrics: one collector, asked at each scrape (docs/watching.md)."""
