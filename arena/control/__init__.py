"""The control room: the admin's menu, and its index as a dashboard."""
