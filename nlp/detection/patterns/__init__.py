"""What has a form: rules for numbers, mail addresses, street lines and what must survive."""
