"""What a chat model is asked, what it may say, and the check of what it said."""
