"""The Slack bot of Jetpack Care: people on one side, the records on the other."""
