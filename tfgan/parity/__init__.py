"""A TF1 session and its port, trained side by side and compared bit by bit; see the README here."""
