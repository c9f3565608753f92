"""`kutip bench`: how fast this machine adds and answers, and how that grows with the store."""
