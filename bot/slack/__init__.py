"""Slack: the one room that knows Bolt and the SDK."""
