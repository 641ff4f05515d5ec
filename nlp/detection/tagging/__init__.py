"""The trained model at work: word pieces in, tagged spans out."""
