"""Word and PDF files -> their text and what they say of themselves."""
