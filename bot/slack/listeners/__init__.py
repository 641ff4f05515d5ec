"""What Slack tells the app, a file for each kind. Each has `register(app, doors)`."""
