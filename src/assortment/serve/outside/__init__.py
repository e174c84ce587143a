"""What is seen of a server from outside: metrics, logs, spans and health."""
