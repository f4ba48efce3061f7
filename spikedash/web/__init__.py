"""What stands between the network and the pages: who is let in, from where, and what browsers are told to refuse."""
