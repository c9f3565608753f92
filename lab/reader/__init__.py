"""The recipe of the built-in reader: from the training data to `rag/models/reader.gguf` and `.npz`."""
