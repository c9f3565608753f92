"""What a question asks: its parts, its time, what it leaves out."""
