"""What Care's agents do in Slack: commands, the queue, what they may see."""
