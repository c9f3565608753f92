"""`kutip eval`: asks questions with known answers, as a user asks them, and reports figures."""
